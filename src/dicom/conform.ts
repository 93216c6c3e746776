import { isUid } from './uid.ts'

/** Characters that each VR takes at most in one value, or one component group of a PN (PS3.5 table 6.2-1). */
const LIMITS: Readonly<Record<string, number>> = {
  AE: 16,
  AS: 4,
  CS: 16,
  DA: 8,
  DS: 16,
  DT: 26,
  IS: 12,
  LO: 64,
  LT: 10240,
  PN: 64,
  SH: 16,
  ST: 1024,
  TM: 14,
  UI: 64,
}

// oxlint-disable-next-line no-control-regex -- control characters are what this is about
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g
// oxlint-disable-next-line no-control-regex
const CONTROL_BUT_LINES = /[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u009f]/g
const LONE_SURROGATE = /\p{Surrogate}/gu

function cut(value: string, limit: number): string {
  if (value.length <= limit) return value
  // by UTF-16 units: never more characters than allowed, and no half of a pair
  return value.slice(0, limit).replace(/[\ud800-\udbff]$/, '')
}

function decimal(value: string): string {
  const number = Number(value)
  if (value === '' || !Number.isFinite(number)) return ''
  if (value.length <= 16) return value
  for (let digits = 15; digits > 0; digits--) {
    const shorter = String(Number(number.toPrecision(digits)))
    if (shorter.length <= 16) return shorter
  }
  return ''
}

function isDate(value: string): boolean {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(value)
  if (!match) return false
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number]
  const date = new Date(Date.UTC(2000, month - 1, day))
  date.setUTCFullYear(year)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

const TIME = /^([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?$/
const DATE_TIME = /^\d{4}(\d{2}(\d{2}(\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?)?)?)?([+-]\d{4})?$/

/** At most three groups of at most 64 characters and five components (PS3.5 6.2.1). */
function personName(value: string): string {
  const groups = value.split('=').slice(0, 3)
  return groups
    .map((group) => cut(group.split('^').slice(0, 5).join('^'), 64))
    .join('=')
    .replace(/=+$/, '')
}

/**
 * A text value as its VR allows it (PS3.5 6.2): control characters out, length cut, and a date, time, number, age
 * or UID that is none made empty, so that a source's defect never makes our object invalid. A valid value is unchanged.
 */
export function conform(vr: string, value: string): string {
  const lines = vr === 'LT' || vr === 'ST' || vr === 'UT'
  const clean = value.replace(LONE_SURROGATE, '\ufffd').replace(lines ? CONTROL_BUT_LINES : CONTROL, '')
  if (lines) return cut(clean, LIMITS[vr] ?? Infinity).trimEnd()
  const text = clean.replaceAll('\\', ' ').trim()
  switch (vr) {
    case 'PN':
      return personName(text)
    case 'CS':
      return cut(text.toUpperCase().replace(/[^A-Z0-9 _]/g, ' '), 16).trim()
    case 'DS':
      return decimal(text)
    case 'IS':
      return /^[+-]?\d{1,11}$/.test(text) ? text : ''
    case 'DA':
      return isDate(text) ? text : ''
    case 'TM':
      return TIME.test(text) ? text : ''
    case 'DT':
      return DATE_TIME.test(text) ? text : ''
    case 'AS':
      return /^\d{3}[DWMY]$/.test(text) ? text : ''
    case 'UI':
      return isUid(text) ? text : ''
    default:
      return cut(text, LIMITS[vr] ?? Infinity).trimEnd()
  }
}
