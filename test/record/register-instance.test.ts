import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { analyses, instances, studies } from '../../src/record/schema.ts'
import { makeRadiograph } from '../support/radiograph.ts'
import { POLICY, registered, withRecord } from '../support/memory-record.ts'

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, seconds))

test('the same bytes again change nothing', () =>
  withRecord(async (record) => {
    const made = makeRadiograph()
    await registered(record, made, at(0))

    expect(await registered(record, made, at(1))).toMatchObject({ outcome: 'DUPLICATE', analysisIds: [] })

    const [study] = await record.select().from(studies)
    expect(study?.lastReceivedAt).toEqual(at(0))
    expect(await record.select().from(analyses)).toHaveLength(1)
  }))

test('other bytes under a known UID are a revision, whose analysis supersedes the earlier one', () =>
  withRecord(async (record) => {
    const { sopInstanceUid, ...first } = makeRadiograph()
    const other = makeRadiograph({ SOPInstanceUID: sopInstanceUid, InstitutionName: 'Elsewhere' })
    await registered(record, first, at(0))

    expect(await registered(record, other, at(1))).toMatchObject({ outcome: 'REVISED' })

    const [instance] = await record.select().from(instances)
    expect(instance?.revision).toBe(2)
    const states = await record
      .select({ revision: analyses.revision, state: analyses.state })
      .from(analyses)
      .orderBy(analyses.revision)
    expect(states).toEqual([
      { revision: 1, state: 'SUPERSEDED' },
      { revision: 2, state: 'WAITING' },
    ])
  }))

test('a corrected instance corrects what the study and the series say', () =>
  withRecord(async (record) => {
    const { sopInstanceUid, ...first } = makeRadiograph({ StudyDescription: 'CHEST' })
    await registered(record, first, at(0))

    await registered(
      record,
      makeRadiograph({ SOPInstanceUID: sopInstanceUid, StudyDescription: 'CHEST PORTABLE' }),
      at(1),
    )

    const [study] = await record.select().from(studies)
    expect(study?.attributes['00081030']?.Value).toEqual(['CHEST PORTABLE'])
  }))

test('a correction without a PatientID leaves the study its patient', () =>
  withRecord(async (record) => {
    const { sopInstanceUid, studyInstanceUid, ...first } = makeRadiograph()
    await registered(record, first, at(0))

    await registered(record, makeRadiograph({ SOPInstanceUID: sopInstanceUid, PatientID: '' }), at(1))
    const stranger = makeRadiograph({ StudyInstanceUID: studyInstanceUid, PatientID: 'SOMEBODY-ELSE' }, { seed: 2 })
    await registered(record, stranger, at(2))

    const [row] = await record.select().from(instances).where(eq(instances.sopInstanceUid, stranger.sopInstanceUid))
    expect(row?.reasons).toEqual(['PATIENT_MISMATCH'])
  }))

test.each([
  { what: 'another study', overrides: { StudyInstanceUID: '1.2.3' }, reason: 'OTHER_STUDY' },
  { what: 'another patient', overrides: { PatientID: 'SOMEBODY-ELSE' }, reason: 'OTHER_PATIENT' },
])('a known SOP Instance UID of $what is refused, and the known one stays', ({ overrides, reason }) =>
  withRecord(async (record) => {
    const first = makeRadiograph()
    await registered(record, first, at(0))

    const answer = await registered(
      record,
      makeRadiograph({ SOPInstanceUID: first.sopInstanceUid, ...overrides }),
      at(1),
    )

    expect(answer).toEqual({ outcome: 'REFUSED', reason })
    expect(await record.select().from(instances)).toMatchObject([{ revision: 1 }])
    expect(await record.select().from(studies)).toHaveLength(1)
  }),
)

test('an object of ours that a PACS sends back with other bytes changes nothing', () =>
  withRecord(async (record) => {
    const made = makeRadiograph()
    await registered(record, made, at(0))
    await record.update(instances).set({ origin: 'PRODUCED' })
    await record.update(studies).set({ state: 'REPORTED' })
    const coerced = makeRadiograph({ SOPInstanceUID: made.sopInstanceUid, InstitutionName: 'PACS' })

    expect(await registered(record, coerced, at(1))).toMatchObject({ outcome: 'DUPLICATE', analysisIds: [] })

    expect(await record.select().from(instances)).toMatchObject([{ revision: 1, origin: 'PRODUCED' }])
    expect(await record.select().from(studies)).toMatchObject([{ state: 'REPORTED' }])
  }))

test('two studies that claim one SOP Instance UID at the same moment: one has it, the other is refused', () =>
  withRecord(async (record) => {
    const first = makeRadiograph()
    const other = makeRadiograph({ SOPInstanceUID: first.sopInstanceUid, StudyInstanceUID: '1.2.3' })

    const answers = await Promise.all([registered(record, first, at(0)), registered(record, other, at(0))])

    expect(answers.map(({ outcome }) => outcome).toSorted()).toEqual(['REFUSED', 'STORED'])
    expect(await record.select().from(studies)).toHaveLength(1)
  }))

test('each instance restarts the quiet period, but the longest wait counts from the first', () =>
  withRecord(async (record) => {
    const dueAfter = async (seed: number, seconds: number) => {
      const made = makeRadiograph({ StudyInstanceUID: '1.2.3', PatientID: 'P' }, { seed })
      await registered(record, made, at(seconds))
      const [study] = await record.select().from(studies).where(eq(studies.studyInstanceUid, '1.2.3'))
      return study?.settleDueAt
    }

    expect(await dueAfter(1, 0)).toEqual(at(1))
    expect(await dueAfter(2, 3)).toEqual(at(4))
    expect(await dueAfter(3, 4.9)).toEqual(at(5))
  }))

test('many senders of one instance at once make one row and one analysis', () =>
  withRecord(async (record) => {
    const made = makeRadiograph()

    const answers = await Promise.all(Array.from({ length: 16 }, (_, i) => registered(record, made, at(i))))

    expect(answers.filter(({ outcome }) => outcome === 'STORED')).toHaveLength(1)
    expect(await record.select().from(instances)).toHaveLength(1)
    expect(await record.select().from(analyses)).toHaveLength(1)
  }))

test('text with NUL inside, which PostgreSQL cannot hold, does not keep an instance out', () =>
  withRecord(async (record) => {
    const made = makeRadiograph({ InstitutionName: 'Saint\0Nowhere', PatientName: 'Phan\0tom' })

    expect(await registered(record, made, at(0))).toMatchObject({ outcome: 'STORED' })
  }))

test('an instance that no model is meant for gets no analysis and its reasons', () =>
  withRecord(async (record) => {
    const policy = { ...POLICY, assess: () => ({ reasons: ['NOT_CHEST'], models: [] }) }

    await registered(record, makeRadiograph(), at(0), policy)

    expect(await record.select().from(analyses)).toEqual([])
    expect(await record.select().from(instances)).toMatchObject([{ reasons: ['NOT_CHEST'] }])
  }))
