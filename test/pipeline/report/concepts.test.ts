import { expect, test } from 'vitest'
import { CONCEPTS } from '../../../src/pipeline/report/concepts.ts'

const D = [
  '0123456789',
  '1234067895',
  '2340178956',
  '3401289567',
  '4012395678',
  '5987604321',
  '6598710432',
  '7659821043',
  '8765932104',
  '9876543210',
]
const P = [
  '0123456789',
  '1576283094',
  '5803796142',
  '8916043527',
  '9453126870',
  '4286573901',
  '2793806415',
  '7046913258',
]

/** Verhoeff's check digit, as every SNOMED CT identifier ends in one. */
const isSctId = (id: string): boolean =>
  id
    .split('')
    .toReversed()
    .reduce((sum, digit, at) => Number(D[sum]?.[Number(P[at % 8]?.[Number(digit)])]), 0) === 0 &&
  ['00', '10'].includes(id.slice(-3, -1))

const codes = Object.values(CONCEPTS)

/** Reviewed by a person against PS3.16 and pydicom's dictionary: no validator notices a wrong one. */
const REVIEWED = [
  '399208008 Plain chest X-ray',
  '51185008 Chest',
  '75958009 Bounded by',
  '363698007 Finding Site',
  '272741003 Laterality',
  '24028007 Right',
  '7771000 Left',
  '52101004 Present',
  '272519000 Absent',
  '373068000 Undetermined',
  '272479007 postero-anterior',
  '399348003 antero-posterior',
  '399067008 lateral',
]

test('the SNOMED CT codes are the reviewed ones, and their check digits are right', () => {
  const sct = codes.filter(({ scheme }) => scheme === 'SCT')

  expect(sct.map(({ value, meaning }) => `${value} ${meaning}`).toSorted()).toEqual(REVIEWED.toSorted())
  expect(sct.filter(({ value }) => !isSctId(value))).toEqual([])
  expect(isSctId('95436003')).toBe(false)
})

test('meanings are at most 64 characters without spaces at the ends, schemes are current', () => {
  for (const { value, scheme, meaning } of codes) {
    expect(meaning.length).toBeLessThanOrEqual(64)
    expect(meaning).toBe(meaning.trim())
    expect(value.length).toBeLessThanOrEqual(16)
    expect(['DCM', 'SCT', 'UCUM', 'UMLS', 'RFC5646']).toContain(scheme)
  }
})

test('one concept has one code', () => {
  expect(new Set(codes.map(({ value, scheme }) => `${scheme} ${value}`)).size).toBe(codes.length)
})
