import type { Code } from '../../dicom/code.ts'
import type { DicomJson } from '../../dicom/dataset.ts'
import type { Box } from '../localize/finding.ts'
import { CONCEPTS } from './concepts.ts'
import { sourceText } from './source-header.ts'

/** Lung, pleura, rib, clavicle, diaphragm, hilum and lung zones: the sites that have a side. */
const PAIRED_SITES = new Set([
  '39607008',
  '3120008',
  '113197003',
  '51299004',
  '5798000',
  '46750007',
  '281392002',
  '281393007',
  '281394001',
])

/** How much of a box may lie beyond the midline before it has no side any more. */
const BEYOND_MIDLINE = 0.2

/**
 * The side of a region, from Patient Orientation (0020,0020) alone: its first value is the direction in which columns
 * run, so L means that small columns are the patient's right. Without it the side is not guessed.
 */
export function lateralityOf(header: DicomJson, site: Code, box: Box, columns: number): Code | undefined {
  const towards = sourceText(header, 'PatientOrientation')?.[0]
  if ((towards !== 'L' && towards !== 'R') || !PAIRED_SITES.has(site.value)) return undefined
  const low = (columns / 2 - box.left) / (box.right - box.left)
  const sideOfLowColumns = towards === 'L' ? CONCEPTS.right : CONCEPTS.left
  const sideOfHighColumns = towards === 'L' ? CONCEPTS.left : CONCEPTS.right
  if (low >= 1 - BEYOND_MIDLINE) return sideOfLowColumns
  return low <= BEYOND_MIDLINE ? sideOfHighColumns : undefined
}
