import type { Dataset } from '../../dicom/dataset.ts'
import { referencedSop } from './content-item.ts'
import { seriesDescription } from './disclaimer.ts'
import { displayedArea } from './displayed-area.ts'
import { contributingEquipment, generalEquipment } from './equipment.ts'
import { graphicAnnotations } from './graphic-annotation.ts'
import { displayShutter, modalityLut, presentationLut, voiLut } from './grayscale-transform.ts'
import { GSPS_SERIES_NUMBER, reportSeriesInstanceUid, reportSopInstanceUid } from './identity.ts'
import { localTime } from './local-time.ts'
import { patientAndStudy } from './report-header.ts'
import type { ReportImage, ReportInput } from './report-input.ts'
import { regionsOf } from './report-region.ts'

export const GSPS_SOP_CLASS = '1.2.840.10008.5.1.4.1.1.11.1'

/** More images than a radiography study has: states of successive reports get numbers that do not meet. */
const NUMBERS_A_REPORT = 1000

/**
 * The Grayscale Softcopy Presentation State of one image (PS3.3 A.33.1): shows the image as it shows without a state,
 * with the regions on layers of their own. `ordinal` counts the states of a report from 1. Body Part Examined is
 * written because without it Laterality is required, which a chest has not.
 */
export function presentationState(input: ReportInput, image: ReportImage, ordinal: number): Dataset {
  const { instance } = image
  const { header } = instance
  const { node, studyInstanceUid } = input
  const models = image.analyses.map(({ model }) => model)
  const { date, time, offset } = localTime(input.startedAt, header, input.timezoneOffset)
  const version = models.map((model) => `${model.name} ${model.version}`).join(', ')
  return {
    ...patientAndStudy(header, studyInstanceUid),
    Modality: 'PR',
    SeriesInstanceUID: reportSeriesInstanceUid('GSPS', studyInstanceUid, node.modelName),
    SeriesNumber: GSPS_SERIES_NUMBER,
    SeriesDescription: seriesDescription('GSPS', models),
    BodyPartExamined: 'CHEST',
    ...generalEquipment(node, models),
    InstanceNumber: (input.instanceNumber - 1) * NUMBERS_A_REPORT + ordinal,
    ContentLabel: 'AI_CXR',
    ContentDescription: `AI, report ${input.instanceNumber}: ${version}`,
    PresentationCreationDate: date,
    PresentationCreationTime: time,
    ContentCreatorName: `AI^${node.modelName}`,
    ReferencedSeriesSequence: [
      { SeriesInstanceUID: instance.seriesInstanceUid, ReferencedImageSequence: [referencedSop(instance)] },
    ],
    ...displayShutter(header),
    ...displayedArea(image),
    ...graphicAnnotations(image, regionsOf(image, input.trackingIdentifierStyle)),
    ...modalityLut(header),
    ...voiLut(header),
    ...presentationLut(header),
    SOPClassUID: GSPS_SOP_CLASS,
    SOPInstanceUID: reportSopInstanceUid('GSPS', input, instance.sopInstanceUid),
    SpecificCharacterSet: 'ISO_IR 192',
    InstanceCreationDate: date,
    InstanceCreationTime: time,
    ...(offset && { TimezoneOffsetFromUTC: offset }),
    ...contributingEquipment(models),
  }
}
