import { number, text, texts } from '../../dicom/attributes.ts'
import type { Dataset, DicomJson } from '../../dicom/dataset.ts'
import { naturalise } from '../../dicom/dataset.ts'
import { DIGITAL_X_RAY_FOR_PROCESSING, RADIOGRAPH_SOP_CLASSES, SECONDARY_CAPTURE } from '../../dicom/sop-class.ts'
import { isChest } from './body-part.ts'
import type { IneligibilityReason } from './ineligibility-reason.ts'
import { ageYears } from './patient-age.ts'
import { isFrontal } from './view.ts'

export { INELIGIBILITY_REASONS, type IneligibilityReason } from './ineligibility-reason.ts'

/** What a model is meant for: `eligibility` of its manifest. */
export interface EligibilityRules {
  readonly modalities: readonly string[]
  readonly bodyParts: readonly string[]
  readonly views: readonly string[]
  readonly minimumAgeYears: number
}

const SMALLEST_MATRIX = 64
const LARGEST_MATRIX = 16_384

/** Every reason why the instance must not be scored; none = eligible. Pure: the header and the rules decide. */
export function ineligibleBecause(
  { sopClassUid, header }: { readonly sopClassUid: string; readonly header: DicomJson },
  rules: EligibilityRules,
): readonly IneligibilityReason[] {
  const dataset = naturalise(header)
  const own = text(dataset, 'Manufacturer') === 'Hilum'
  const radiograph = isRadiograph(sopClassUid, dataset, rules)
  if (own || !radiograph)
    return [...(own ? ['OWN_OUTPUT' as const] : []), ...(radiograph ? [] : ['NOT_A_RADIOGRAPH' as const])]
  const chest = isChest(dataset, rules.bodyParts)
  const years = ageYears(dataset)
  const checks: readonly (readonly [IneligibilityReason, boolean])[] = [
    [
      'FOR_PROCESSING',
      sopClassUid === DIGITAL_X_RAY_FOR_PROCESSING || text(dataset, 'PresentationIntentType') === 'FOR PROCESSING',
    ],
    ['DERIVED_OR_SECONDARY', isSecondary(dataset)],
    ['NOT_CHEST', chest === false],
    ['LATERAL_VIEW', isFrontal(dataset, rules.views) === false],
    ['MULTI_FRAME', (number(dataset, 'NumberOfFrames') ?? 1) > 1],
    ['CHILD', years !== undefined && years < rules.minimumAgeYears],
    ['COLOR_IMAGE', isColor(dataset)],
    ['IMPLAUSIBLE_MATRIX', !isPlausible(dataset, 'Rows') || !isPlausible(dataset, 'Columns')],
  ]
  return checks.filter(([, applies]) => applies).map(([reason]) => reason)
}

/** CR and DX, and what was wrapped as a secondary capture but still calls itself one of them. */
function isRadiograph(sopClassUid: string, dataset: Dataset, { modalities }: EligibilityRules): boolean {
  const modality = text(dataset, 'Modality')
  if (RADIOGRAPH_SOP_CLASSES.has(sopClassUid)) return modality === undefined || modalities.includes(modality)
  return sopClassUid === SECONDARY_CAPTURE && modality !== undefined && modalities.includes(modality)
}

function isSecondary(dataset: Dataset): boolean {
  const [pixels, examination] = texts(dataset, 'ImageType')
  return pixels === 'DERIVED' && examination === 'SECONDARY'
}

function isColor(dataset: Dataset): boolean {
  const photometric = text(dataset, 'PhotometricInterpretation')
  return (
    (number(dataset, 'SamplesPerPixel') ?? 1) > 1 ||
    (photometric !== undefined && !photometric.startsWith('MONOCHROME'))
  )
}

function isPlausible(dataset: Dataset, keyword: 'Rows' | 'Columns'): boolean {
  const size = number(dataset, keyword)
  return size !== undefined && size >= SMALLEST_MATRIX && size <= LARGEST_MATRIX
}
