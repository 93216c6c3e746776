import type { Dataset } from '../../dicom/dataset.ts'
import type { SopInstanceUid } from '../../dicom/uid.ts'
import { algorithmIdentification, operatingParameters } from './algorithm.ts'
import { privateCodingSchemes } from './coding-schemes.ts'
import { CONCEPTS } from './concepts.ts'
import { code, codeSequence, container, containerValue, type ContentItem, text, uidRef } from './content-item.ts'
import { seriesDescription } from './disclaimer.ts'
import { contributingEquipment, generalEquipment } from './equipment.ts'
import { hierarchicalReferences } from './evidence.ts'
import { deviceUid, modelsOf, reportSeriesInstanceUid, SR_SERIES_NUMBER } from './identity.ts'
import { imageLibrary, libraryImages } from './image-library.ts'
import { localTime } from './local-time.ts'
import { measurementGroup } from './measurement-group.ts'
import { qualitativeEvaluations } from './qualitative-evaluations.ts'
import { patientAndStudy, referencedRequest } from './report-header.ts'
import type { ReportImage, ReportInput, ReportModel, SrSopClass } from './report-input.ts'
import { regionsOf } from './report-region.ts'
import { sourceItems } from './source-header.ts'

const SOP_CLASSES: Readonly<Record<SrSopClass, string>> = {
  comprehensive3d: '1.2.840.10008.5.1.4.1.1.88.34',
  comprehensive: '1.2.840.10008.5.1.4.1.1.88.33',
  enhanced: '1.2.840.10008.5.1.4.1.1.88.22',
}

/** TID 1204, and TID 1001 with the device observer of TID 1004. */
function observationContext({ node }: ReportInput, models: readonly ReportModel[]): readonly ContentItem[] {
  const { deviceSerial } = CONCEPTS
  return [
    code('HAS CONCEPT MOD', CONCEPTS.language, CONCEPTS.english),
    code('HAS OBS CONTEXT', CONCEPTS.observerType, CONCEPTS.device),
    uidRef('HAS OBS CONTEXT', CONCEPTS.deviceUid, deviceUid(models)),
    text('HAS OBS CONTEXT', CONCEPTS.deviceName, node.modelName),
    text('HAS OBS CONTEXT', CONCEPTS.deviceManufacturer, node.manufacturer),
    text('HAS OBS CONTEXT', CONCEPTS.deviceModel, node.modelName),
    ...(node.serialNumber ? [text('HAS OBS CONTEXT', deviceSerial, node.serialNumber)] : []),
    code('HAS CONCEPT MOD', CONCEPTS.procedureReported, CONCEPTS.plainChestXRay),
  ]
}

/** Always there, also without a group: a study without findings is another thing than one not looked at. */
function imagingMeasurements(input: ReportInput, models: readonly ReportModel[], reportUid: string): ContentItem {
  const [model] = models
  const severalModels = models.length > 1
  const groups = input.images.flatMap((image) =>
    regionsOf(image, input.trackingIdentifierStyle).map((region) =>
      measurementGroup(region, image, { reportUid, severalModels }),
    ),
  )
  const parameters = input.images
    .flatMap(({ analyses }) => analyses.map(({ provider }) => `execution provider=${provider}`))
    .filter((parameter, at, all) => all.indexOf(parameter) === at)
  const algorithm =
    model && !severalModels ? algorithmIdentification(model, [...operatingParameters(model), ...parameters]) : []
  return container(CONCEPTS.imagingMeasurements, [...algorithm, ...groups])
}

/** The content tree: Imaging Measurement Report, TID 1500. */
function contentTree(input: ReportInput, models: readonly ReportModel[], reportUid: string): Dataset {
  const library = libraryImages(input.images)
  const severalImages = input.images.length > 1
  const context = { reportUid, severalModels: models.length > 1, severalImages }
  const referenced = new Set<string>(library.map(({ instance }) => instance.sopInstanceUid))
  return {
    ValueType: 'CONTAINER',
    ConceptNameCodeSequence: codeSequence(CONCEPTS.measurementReport),
    ...containerValue({ templateIdentifier: '1500' }),
    ContentSequence: [
      ...observationContext(input, models),
      imageLibrary(library),
      imagingMeasurements(input, models, reportUid),
      qualitativeEvaluations(input.images, referenced, context),
    ],
  }
}

/**
 * The SR of a study as a data set (PS3.3 A.35: Comprehensive 3D, Comprehensive or Enhanced; the tree is the same).
 * Patient, study and order are those of `source`, an image that was analysed.
 */
export function measurementReport(input: ReportInput, source: ReportImage, reportUid: SopInstanceUid): Dataset {
  const { header } = source.instance
  const { studyInstanceUid, node } = input
  const models = modelsOf(input.images)
  const { date, time, offset } = localTime(input.startedAt, header, input.timezoneOffset)
  const evidence = libraryImages(input.images).map(({ instance }) => ({ ...instance, studyInstanceUid }))
  return {
    ...patientAndStudy(header, studyInstanceUid),
    Modality: 'SR',
    SeriesInstanceUID: reportSeriesInstanceUid('SR', studyInstanceUid, node.modelName),
    SeriesNumber: SR_SERIES_NUMBER,
    SeriesDescription: seriesDescription('SR', models),
    ReferencedPerformedProcedureStepSequence: [],
    ...generalEquipment(node, models),
    InstanceNumber: input.instanceNumber,
    CompletionFlag: 'COMPLETE',
    VerificationFlag: 'UNVERIFIED',
    PreliminaryFlag: 'PRELIMINARY',
    ContentDate: date,
    ContentTime: time,
    PerformedProcedureCodeSequence: sourceItems(header, 'ProcedureCodeSequence'),
    ...referencedRequest(header, studyInstanceUid),
    CurrentRequestedProcedureEvidenceSequence: hierarchicalReferences(evidence),
    ...(input.predecessors.length > 0 && { PredecessorDocumentsSequence: hierarchicalReferences(input.predecessors) }),
    SOPClassUID: SOP_CLASSES[input.srSopClass ?? 'comprehensive3d'],
    SOPInstanceUID: reportUid,
    SpecificCharacterSet: 'ISO_IR 192',
    InstanceCreationDate: date,
    InstanceCreationTime: time,
    ...(offset && { TimezoneOffsetFromUTC: offset }),
    ...contributingEquipment(models),
    ...privateCodingSchemes(input.images, node),
    ...contentTree(input, models, reportUid),
  }
}
