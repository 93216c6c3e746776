import { items, text, texts } from '../../dicom/attributes.ts'
import type { Dataset } from '../../dicom/dataset.ts'

// Whole words only, in the languages of the senders we know: 'HIPPOCRATES CLINIC' is no hip.
const CHEST = /\b(CHEST|THORAX|TORAX|TÓRAX|LUNGS?|LUNGE|POUMONS?|CXR|PULMON\w*|CARDIOTHORACIC|RTG KLP)\b/
const ELSEWHERE =
  /\b(HIPS?|KNEES?|TIBIA|FEMUR|FOOT|FEET|ANKLES?|HANDS?|WRISTS?|ELBOWS?|SHOULDERS?|CLAVICLE|HUMERUS|FOREARM|LEGS?|ARMS?|EXTREMITY|PELVIS|ABDOMEN|SKULL|HEAD|NECK|SPINE|[CTL]SPINE|[CTL]-SPINE|SINUS|JAW|TEETH|BREAST|FINGERS?|TOES?|KUB|HAND|RIBS?|STERNUM)\b/
const CHEST_REGIONS = new Set(['SCT:51185008', 'SRT:T-D3000', 'SCT:39607008', 'SRT:T-28000', 'SNM3:T-D3000'])

/** Whether the header says chest. Coded and defined attributes count before free text; `undefined` = it says nothing. */
export function isChest(dataset: Dataset, bodyParts: readonly string[]): boolean | undefined {
  const coded = items(dataset, 'AnatomicRegionSequence')
  if (coded.some((code) => CHEST_REGIONS.has(`${text(code, 'CodingSchemeDesignator')}:${text(code, 'CodeValue')}`)))
    return true
  const examined = text(dataset, 'BodyPartExamined')?.toUpperCase()
  if (examined !== undefined)
    return bodyParts.includes(examined) || (bodyParts.includes('CHEST') && CHEST.test(examined))
  if (coded.length > 0) return coded.some((code) => CHEST.test(text(code, 'CodeMeaning')?.toUpperCase() ?? ''))
  for (const keywords of [
    ['ProtocolName', 'SeriesDescription', 'AcquisitionDeviceProcessingDescription'],
    ['StudyDescription', 'RequestedProcedureDescription'],
  ]) {
    const words = keywords
      .flatMap((keyword) => texts(dataset, keyword))
      .join(' ')
      .toUpperCase()
      .replaceAll('_', ' ')
    if (CHEST.test(words)) return true
    if (ELSEWHERE.test(words)) return false
  }
  return undefined
}
