import type { Code } from '../../dicom/code.ts'
import { conform } from '../../dicom/conform.ts'
import { CONCEPTS } from './concepts.ts'
import { code, container, type ContentItem, date, imageReference, num, text, time } from './content-item.ts'
import type { ReportImage } from './report-input.ts'
import { decimalString, matrixOf, pixelSpacingOf } from './source-geometry.ts'
import { sourceText, sourceTexts } from './source-header.ts'

const MODALITIES: Readonly<Record<string, Code>> = { CR: CONCEPTS.computedRadiography, DX: CONCEPTS.digitalRadiography }

const VIEWS: Readonly<Record<string, Code>> = {
  PA: CONCEPTS.posteroAnterior,
  AP: CONCEPTS.anteroPosterior,
  LL: CONCEPTS.lateral,
  RL: CONCEPTS.lateral,
  LATERAL: CONCEPTS.lateral,
  LAT: CONCEPTS.lateral,
}

/** Structured reports, presentation states and key objects: in the study perhaps, but no IMAGE may point to them. */
const NO_IMAGE = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.(88|11|104|9|66\.5)(\.|$)/

/** The images of a study that a document may reference as IMAGE. */
export function libraryImages(images: readonly ReportImage[]): readonly ReportImage[] {
  return images.filter(({ instance }) => !NO_IMAGE.test(instance.sopClassUid))
}

/** What the images of a group have in common: TID 1602 at the level of the group. */
function descriptors(image: ReportImage): readonly ContentItem[] {
  const { header } = image.instance
  const { rows, columns } = matrixOf(image)
  const modality = MODALITIES[sourceText(header, 'Modality') ?? '']
  const studyDate = conform('DA', sourceText(header, 'StudyDate') ?? '')
  const studyTime = conform('TM', sourceText(header, 'StudyTime') ?? '')
  const size = rows > 0 && columns > 0
  return [
    ...(modality ? [code('HAS ACQ CONTEXT', CONCEPTS.modality, modality)] : []),
    code('HAS ACQ CONTEXT', CONCEPTS.targetRegion, CONCEPTS.chest),
    ...(studyDate ? [date('HAS ACQ CONTEXT', CONCEPTS.studyDate, studyDate)] : []),
    ...(studyTime ? [time('HAS ACQ CONTEXT', CONCEPTS.studyTime, studyTime)] : []),
    ...(size ? [num('HAS ACQ CONTEXT', CONCEPTS.pixelDataRows, String(rows), CONCEPTS.pixels)] : []),
    ...(size ? [num('HAS ACQ CONTEXT', CONCEPTS.pixelDataColumns, String(columns), CONCEPTS.pixels)] : []),
  ]
}

function libraryImage(image: ReportImage): ContentItem {
  const { header } = image.instance
  const view = VIEWS[sourceText(header, 'ViewPosition') ?? '']
  const [row, column] = sourceTexts(header, 'PatientOrientation')
  const spacing = pixelSpacingOf(image)
  const length = (name: Code, mm: number) => num('HAS ACQ CONTEXT', name, decimalString(mm), CONCEPTS.millimetre)
  return imageReference('CONTAINS', image.instance, [
    ...(view ? [code('HAS ACQ CONTEXT', CONCEPTS.imageView, view)] : []),
    ...(row ? [text('HAS ACQ CONTEXT', CONCEPTS.patientOrientationRow, row)] : []),
    ...(column ? [text('HAS ACQ CONTEXT', CONCEPTS.patientOrientationColumn, column)] : []),
    ...(spacing ? [length(CONCEPTS.horizontalPixelSpacing, spacing.horizontalMm)] : []),
    ...(spacing ? [length(CONCEPTS.verticalPixelSpacing, spacing.verticalMm)] : []),
  ])
}

/** TID 1600: every image of the study, analysed or not; a group for each modality and matrix size. */
export function imageLibrary(images: readonly ReportImage[]): ContentItem {
  const groups = new Map<string, ReportImage[]>()
  for (const image of images) {
    const { rows, columns } = matrixOf(image)
    const key = [sourceText(image.instance.header, 'Modality') ?? '', rows, columns].join('/')
    groups.set(key, [...(groups.get(key) ?? []), image])
  }
  return container(
    CONCEPTS.imageLibrary,
    [...groups.values()].map((group) =>
      container(CONCEPTS.imageLibraryGroup, [...group.slice(0, 1).flatMap(descriptors), ...group.map(libraryImage)]),
    ),
  )
}
