import { items, text, texts } from '../../dicom/attributes.ts'
import type { Dataset } from '../../dicom/dataset.ts'

const FRONTAL_POSITIONS = new Set(['PA', 'AP'])
// CID 4010 in SNOMED CT and in the SRT that older senders still write: antero-posterior, postero-anterior, frontal.
const FRONTAL_CODES = new Set(['399348003', 'R-10206', '272479007', 'R-10214', '399033003', 'R-10202'])
const NOT_FRONTAL_CODES = new Set([
  '399198007',
  'R-10232',
  '399173006',
  'R-10236',
  '399067008',
  'R-10228',
  '272460002',
  '399352003',
  '399012009',
])
const LATERAL_WORDS = /\b(LAT|LATERAL|LATERALE|SEITLICH|PROFIL|PROFILE|OBLIQUE|DECUBITUS|RL|LL|LLD|RLD)\b/
const FRONTAL_WORDS = /\b(PA|AP|FRONTAL|POSTERO-?ANTERIOR|ANTERO-?POSTERIOR)\b/

/**
 * Whether the view is frontal; `undefined` = the header says nothing. View Position first, then its code,
 * Patient Orientation (rows that run along A or P are seen from the side), and free text last.
 */
export function isFrontal(dataset: Dataset, views: readonly string[]): boolean | undefined {
  const position = text(dataset, 'ViewPosition')?.toUpperCase()
  if (position !== undefined) return views.includes(position)
  for (const code of items(dataset, 'ViewCodeSequence')) {
    const value = text(code, 'CodeValue') ?? ''
    const meaning = text(code, 'CodeMeaning')?.toUpperCase() ?? ''
    // 'antero-posterior oblique' is no frontal view.
    if (LATERAL_WORDS.test(meaning) || NOT_FRONTAL_CODES.has(value)) return false
    if (FRONTAL_WORDS.test(meaning) || FRONTAL_CODES.has(value))
      return views.some((view) => FRONTAL_POSITIONS.has(view))
  }
  const [row] = texts(dataset, 'PatientOrientation')
  if (row !== undefined) return !/^[AP]/.test(row.toUpperCase())
  const words = ['SeriesDescription', 'ProtocolName', 'AcquisitionDeviceProcessingDescription']
    .flatMap((keyword) => texts(dataset, keyword))
    .join(' ')
    .toUpperCase()
    .replaceAll('_', ' ')
  // 'CHEST PA AND LAT' names the whole protocol, not this image.
  if (LATERAL_WORDS.test(words) && !FRONTAL_WORDS.test(words)) return false
  return FRONTAL_WORDS.test(words) ? true : undefined
}
