import type { DicomJson } from './dataset.ts'

/** The one number from the order to the last stage: 0 STAT, 1 HIGH, 2 MEDIUM, 3 LOW. */
export type Priority = 0 | 1 | 2 | 3

const TERMS: Readonly<Record<string, Priority>> = { STAT: 0, HIGH: 1, ROUTINE: 2, MEDIUM: 2, LOW: 3 }

const REQUEST_ATTRIBUTES_SEQUENCE = '00400275'
const REQUESTED_PROCEDURE_PRIORITY = '00401003'

/** What the image says of its order (Requested Procedure Priority, PS3.3 C.4.11), MEDIUM when it says nothing. */
export function priorityOf(header: DicomJson): Priority {
  const requests = (header[REQUEST_ATTRIBUTES_SEQUENCE]?.Value ?? []) as readonly DicomJson[]
  const said = [header, ...requests].flatMap((dataset) => dataset[REQUESTED_PROCEDURE_PRIORITY]?.Value ?? [])
  const known = said.flatMap((term) => (typeof term === 'string' ? (TERMS[term.trim().toUpperCase()] ?? []) : []))
  return known.length === 0 ? 2 : (Math.min(...known) as Priority)
}
