import type { DicomJson } from '../../dicom/dataset.ts'
import { sourceText } from './source-header.ts'

export interface LocalTime {
  /** YYYYMMDD */
  readonly date: string
  /** HHMMSS */
  readonly time: string
  /** Timezone Offset From UTC (0008,0201), only where it is known. */
  readonly offset: string | undefined
}

const OFFSET = /^([+-])(\d{2})(\d{2})$/

/**
 * All dates and times of an instance are in one zone (PS3.3 C.12.1.1.8), and most are the source's. So ours are in
 * the source's zone, else in the configured one, else in the machine's, which is then not named.
 */
export function localTime(at: Date, header: DicomJson, configured?: string): LocalTime {
  const offset = [sourceText(header, 'TimezoneOffsetFromUTC'), configured].find((zone) => zone && OFFSET.test(zone))
  const match = OFFSET.exec(offset ?? '')
  const minutes = match
    ? (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]))
    : -at.getTimezoneOffset()
  const local = new Date(at.getTime() + minutes * 60_000).toISOString()
  return { date: local.slice(0, 10).replaceAll('-', ''), time: local.slice(11, 19).replaceAll(':', ''), offset }
}
