import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { conform } from '../../src/dicom/conform.ts'

describe('text is made to fit its VR', () => {
  test.each([
    ['DS', '1.00000000000000000001', '1'],
    ['DS', '-1234567.123456789', '-1234567.1234568'],
    ['DS', 'abc', ''],
    ['DA', '20260231', ''],
    ['DA', '20240229', '20240229'],
    ['DA', '2024.02.29', ''],
    ['TM', '12:00:00', ''],
    ['TM', '120000.123456', '120000.123456'],
    ['AS', '81', ''],
    ['CS', 'ai-Boxes', 'AI BOXES'],
    ['UI', '1.02.3', ''],
    ['LO', 'a\\b\u0000c', 'a bc'],
    ['ST', 'a\\b\r\nc', 'a\\b\r\nc'],
    ['PN', 'A^B^C^D^E^F=G=H=I', 'A^B^C^D^E=G=H'],
    ['PN', 'ward', 'ward'],
  ])('%s %j becomes %j', (vr, value, expected) => {
    expect(conform(vr, value)).toBe(expected)
  })

  const limits = { LO: 64, SH: 16, CS: 16, DS: 16, IS: 12, UI: 64, AE: 16, ST: 1024, DA: 8, AS: 4 }

  test('whatever comes in is short enough, has no control character, and stays as it is the second time', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...(Object.keys(limits) as (keyof typeof limits)[])),
        fc.oneof(fc.string({ maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 300 })),
        (vr, value) => {
          const fitting = conform(vr, value)

          expect(fitting.length).toBeLessThanOrEqual(limits[vr])
          expect(/[\p{Surrogate}]/u.test(fitting)).toBe(false)
          expect(vr !== 'ST' && /\p{Cc}|\\/u.test(fitting)).toBe(false)
          expect(conform(vr, fitting)).toBe(fitting)
        },
      ),
    )
  })

  test('a person name has at most three groups of at most 64 characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
        const groups = conform('PN', name).split('=')

        expect(groups.length).toBeLessThanOrEqual(3)
        expect(groups.every((group) => group.length <= 64)).toBe(true)
      }),
    )
  })
})
