import { BadRequest } from '../errors.ts'

/** How a value of an attribute must be (PS3.4 C.2.2.2). */
export type Matching =
  | { readonly kind: 'any' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'one-of'; readonly values: readonly string[] }
  /** `*` any text, `?` any character. */
  | { readonly kind: 'wildcard'; readonly pattern: string }
  /** Inclusive, of digits as long as `digits`. */
  | {
      readonly kind: 'range'
      readonly digits: number
      readonly low: string | undefined
      readonly high: string | undefined
    }

const WITH_WILDCARDS = new Set(['AE', 'CS', 'LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UR', 'UT', 'UN'])
const NUMBERS = new Set(['DS', 'FD', 'FL', 'IS', 'SL', 'SS', 'SV', 'UL', 'US', 'UV', 'xs'])

/** Digits of a date, time (with microseconds) and date with time, without what separates them. */
export const DIGITS: Readonly<Record<string, number>> = { DA: 8, TM: 12, DT: 20 }

/** Reads the value of a query. Throws BadRequest for what cannot be a value of its VR. */
export function readMatching(vr: string, value: string): Matching {
  // The record holds no NUL, and PostgreSQL refuses even to be asked for one.
  if (value.includes('\0')) throw new BadRequest(`A value of VR ${vr} holds a NUL`)
  if (value === '' || value === '*') return { kind: 'any' }
  if (value === '""') return { kind: 'empty' }
  const digits = DIGITS[vr]
  if (digits !== undefined) return readRange(vr, value, digits)
  if (vr === 'UI') return { kind: 'one-of', values: value.split(/[\\,]/).map((uid) => uid.trim()) }
  if (NUMBERS.has(vr)) return { kind: 'one-of', values: value.split('\\').map((text) => toNumber(vr, text)) }
  if (WITH_WILDCARDS.has(vr) && /[*?]/.test(value)) return { kind: 'wildcard', pattern: value }
  // A comma cannot stand in a CS, so a list is meant; viewers ask for modalities that way.
  if (vr === 'CS') return { kind: 'one-of', values: value.split(/[\\,]/).map((code) => code.trim()) }
  return { kind: 'one-of', values: [value.trim()] }
}

function toNumber(vr: string, text: string): string {
  const number = Number(text)
  if (text.trim() === '' || !Number.isFinite(number)) throw new BadRequest(`A value of VR ${vr} must be a number`)
  return String(number)
}

/** `a`, `a-`, `-b`, `a-b` (PS3.4 C.2.2.2.5); a shorter value stands for all that begin with it. */
function readRange(vr: string, value: string, digits: number): Matching {
  const [low, high, ...more] = withoutTimezone(vr, value).split('-')
  if (low === undefined || more.length > 0 || !isPart(vr, low) || !isPart(vr, high ?? '') || (low === '' && !high))
    throw new BadRequest(`A query for VR ${vr} is neither a value nor a range of values`)
  const [from, to] = [bare(low), bare(high ?? low)]
  return {
    kind: 'range',
    digits,
    low: from === '' ? undefined : from.padEnd(digits, '0'),
    high: to === '' ? undefined : to.padEnd(digits, '9'),
  }
}

const withoutTimezone = (vr: string, value: string): string =>
  vr === 'DT' ? value.replaceAll(/(\d{8,14}(?:\.\d+)?)[+-]\d{4}(?=-|$)/g, '$1') : value

const bare = (value: string): string => value.replaceAll(/[.:]/g, '')

const PARTS: Readonly<Record<string, RegExp>> = {
  DA: /^(?:\d{8}|\d{4}\.\d{2}\.\d{2})?$/,
  TM: /^(?:\d{2}(?::?\d{2}(?::?\d{2}(?:\.\d{1,6})?)?)?)?$/,
  DT: /^(?:\d{4,14}(?:\.\d{1,6})?)?$/,
}
const isPart = (vr: string, value: string): boolean => PARTS[vr]?.test(value) ?? false
