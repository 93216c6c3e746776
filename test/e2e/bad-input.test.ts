import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Study } from '../../src/ris/study-resource.ts'
import { encapsulated } from '../support/bad-input.ts'
import type { HilumNode } from '../support/hilum.ts'
import { PROFILES } from '../support/profiles.ts'
import { makeRadiograph, type MadeRadiograph } from '../support/radiograph.ts'
import { storeMade } from '../support/store.ts'

const WAIT = { timeout: 60_000, interval: 200 }
const JPEG_BASELINE = '1.2.840.10008.1.2.4.50'
const CT_IMAGE = '1.2.840.10008.5.1.4.1.1.2'

describe.each(PROFILES)('bad input to the $name profile', (profile) => {
  describe.skipIf(profile.missing !== undefined)(
    `kept where it can be, and never scored ${profile.missing ?? ''}`,
    () => {
      let node: HilumNode
      beforeAll(async () => {
        node = await profile.start()
      })
      afterAll(() => node.close())

      const settled = (studyInstanceUid: string) =>
        vi.waitFor(async () => {
          const study = await node.study(studyInstanceUid)
          if (!['REPORTED', 'NOT_ELIGIBLE', 'FAILED'].includes(study.state)) throw new Error(`${study.state} still`)
          return study
        }, WAIT)
      const codesOf = (study: Study, { sopInstanceUid }: MadeRadiograph) =>
        study.instances.find((it) => it.sopInstanceUid === sopInstanceUid)?.reasons.map(({ code }) => code)

      test.each([
        { what: 'a CT slice', overrides: { SOPClassUID: CT_IMAGE, Modality: 'CT' }, code: 'NOT_A_RADIOGRAPH' },
        { what: 'a knee', overrides: { BodyPartExamined: 'KNEE' }, code: 'NOT_CHEST' },
        { what: 'a lateral view', overrides: { ViewPosition: 'LL' }, code: 'LATERAL_VIEW' },
        { what: 'an image of four frames', overrides: { NumberOfFrames: 4 }, code: 'MULTI_FRAME' },
        { what: 'an infant', overrides: { PatientAge: '008M' }, code: 'CHILD' },
      ])('$what is kept with the reason $code', async ({ overrides, code }) => {
        const seed = 1000 + code.length * 10 + code.charCodeAt(0)
        const pixels = 'NumberOfFrames' in overrides ? new Uint16Array(4 * 80 * 64) : undefined
        const made = makeRadiograph(overrides, { seed, ...(pixels && { pixels }) })

        const outcomes = await storeMade(node.url, [made])

        expect(outcomes.get(made.sopInstanceUid)).toMatchObject({ kind: 'stored' })
        const study = await settled(made.studyInstanceUid)
        expect(study.state).toBe('NOT_ELIGIBLE')
        expect(codesOf(study, made)).toContain(code)
        expect(study.results).toEqual([])
      })

      test('an image of another patient in a known study is kept, not scored, and leaves the study as it was', async () => {
        const first = makeRadiograph({}, { seed: 2001 })
        const { studyInstanceUid } = first
        const stranger = makeRadiograph(
          { StudyInstanceUID: studyInstanceUid, PatientID: 'SOMEBODY-ELSE' },
          { seed: 2002 },
        )

        await storeMade(node.url, [first])
        await storeMade(node.url, [stranger])

        const study = await settled(studyInstanceUid)
        expect(codesOf(study, first)).toEqual([])
        expect(codesOf(study, stranger)).toEqual(['PATIENT_MISMATCH'])
        expect(study.instances.find((it) => it.sopInstanceUid === stranger.sopInstanceUid)?.analyses).toEqual([])
      })

      test('pixels that cannot be decoded fail alone: the other image of the study is reported', async () => {
        const original = makeRadiograph()
        const garbage = { ...original, bytes: encapsulated(JPEG_BASELINE, [Buffer.from('these are no JPEG bytes.')]) }
        const { studyInstanceUid } = original
        const good = makeRadiograph({ StudyInstanceUID: studyInstanceUid, PatientID: 'TEST-1' }, { seed: 3001 })

        await storeMade(node.url, [good, garbage])

        const study = await settled(good.studyInstanceUid)
        const failed = study.instances.find((it) => it.sopInstanceUid === garbage.sopInstanceUid)
        expect(study.state).toBe('REPORTED')
        expect(failed?.analyses).toMatchObject([{ state: 'FAILED', reason: 'UNDECODABLE_PIXELS' }])
        expect(study.results.some(({ kind }) => kind === 'SR')).toBe(true)
      })

      test('an image that comes late makes a report that supersedes the first', async () => {
        const first = makeRadiograph({}, { seed: 4001 })
        const late = makeRadiograph(
          { StudyInstanceUID: first.studyInstanceUid, PatientID: 'TEST-4001' },
          { seed: 4002 },
        )
        await storeMade(node.url, [first])
        await settled(first.studyInstanceUid)

        await storeMade(node.url, [late])

        const study = await vi.waitFor(async () => {
          const found = await node.study(first.studyInstanceUid)
          if (found.results.filter(({ kind }) => kind === 'SR').length < 2) throw new Error('one report still')
          return found
        }, WAIT)
        const [earlier, later] = study.results.filter(({ kind }) => kind === 'SR')
        expect([earlier?.instanceNumber, later?.instanceNumber]).toEqual([1, 2])
        const metadata = await (await fetch(`${later?.retrieveUrl}/metadata`)).text()
        expect(metadata).toContain(earlier?.sopInstanceUid)
      })

      test('the same instance again is a success and no new work', async () => {
        const made = makeRadiograph({}, { seed: 5001 })
        await storeMade(node.url, [made])
        const before = await settled(made.studyInstanceUid)

        const again = await storeMade(node.url, [made])

        expect(again.get(made.sopInstanceUid)).toMatchObject({ kind: 'stored' })
        expect(await node.study(made.studyInstanceUid)).toEqual(before)
      })

      test('a STAT order on the image makes the study STAT', async () => {
        const made = makeRadiograph({ RequestedProcedurePriority: 'STAT' }, { seed: 6001 })

        await storeMade(node.url, [made])

        expect((await settled(made.studyInstanceUid)).priority).toBe('STAT')
      })
    },
  )
})
