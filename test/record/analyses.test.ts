import { expect, test } from 'vitest'
import type { Analysis } from '../../src/pipeline/infer/analyse.ts'
import { claimAnalysis, completeAnalysis, dueAnalyses, failAnalysis } from '../../src/record/analyses.ts'
import { analyses } from '../../src/record/schema.ts'
import type { Record } from '../../src/record/record.ts'
import { makeRadiograph } from '../support/radiograph.ts'
import { registered, withRecord } from '../support/memory-record.ts'

const LEASE_MS = 10_000
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, seconds))
const ANALYSIS: Analysis = {
  rows: 80,
  columns: 64,
  provider: 'cpu',
  findings: [],
  timings: { readMs: 0, decodeMs: 0, preprocessMs: 0, inferMs: 0, localizeMs: 0 },
}

async function waitingAnalysis(record: Record): Promise<number> {
  const answer = await registered(record, makeRadiograph(), at(0))
  if (answer.outcome === 'REFUSED' || answer.analysisIds[0] === undefined) throw new Error('no analysis was made')
  return answer.analysisIds[0]
}

const claimed = async (record: Record, id: number, now: Date) => {
  const claim = await claimAnalysis(record, id, now, LEASE_MS)
  if (!claim) throw new Error('nothing to claim')
  return claim
}

test('an analysis is claimed by one worker at a time', () =>
  withRecord(async (record) => {
    const id = await waitingAnalysis(record)

    const claims = await Promise.all([1, 2, 3].map(() => claimAnalysis(record, id, at(1), LEASE_MS)))

    expect(claims.filter((claim) => claim !== null)).toHaveLength(1)
  }))

test('a worker whose lease ran out cannot overwrite its successor', () =>
  withRecord(async (record) => {
    const id = await waitingAnalysis(record)
    const paused = await claimed(record, id, at(1))
    const successor = await claimed(record, id, at(20))

    expect(await completeAnalysis(record, paused, { ...ANALYSIS, provider: 'of the paused' }, at(21))).toBe(false)
    expect(await completeAnalysis(record, successor, ANALYSIS, at(22))).toBe(true)
    await failAnalysis(record, paused, 'LATE', at(23))

    expect(await record.select().from(analyses)).toMatchObject([{ state: 'DONE', provider: 'cpu', reason: null }])
  }))

test('the first start is kept through later ones: results carry it, and must be the same bytes', () =>
  withRecord(async (record) => {
    const id = await waitingAnalysis(record)

    await claimed(record, id, at(1))
    await claimed(record, id, at(20))

    expect(await record.select().from(analyses)).toMatchObject([{ firstStartedAt: at(1), attempts: 2 }])
  }))

test('what waits and what was left behind is due, what runs is not', () =>
  withRecord(async (record) => {
    const id = await waitingAnalysis(record)
    expect(await dueAnalyses(record, at(1), 10)).toMatchObject([{ id, attempts: 0 }])

    await claimed(record, id, at(1))

    expect(await dueAnalyses(record, at(2), 10)).toEqual([])
    expect(await dueAnalyses(record, at(12), 10)).toMatchObject([{ id, attempts: 1 }])
  }))
