import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFileArchive, type InstanceArchive } from '../../../src/pipeline/archive/instance-archive.ts'
import type { Finding } from '../../../src/pipeline/localize/finding.ts'
import { reportStudy, type StudyTurn } from '../../../src/pipeline/report/report-study.ts'
import { claimAnalysis, completeAnalysis } from '../../../src/record/analyses.ts'
import type { Record } from '../../../src/record/record.ts'
import { results, studies } from '../../../src/record/schema.ts'
import { POLICY, registered, withRecord } from '../../support/memory-record.ts'
import { makeRadiograph, type MadeRadiograph } from '../../support/radiograph.ts'
import { FINDINGS } from '../../support/report-input.ts'

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, seconds))

let directory: string
let archive: InstanceArchive
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hilum-report-'))
  archive = await createFileArchive({ directory, headerLimitBytes: 65_536, instanceLimitBytes: 1_000_000 })
})
afterAll(() => rm(directory, { recursive: true }))

async function analysed(record: Record, made: MadeRadiograph, findings: readonly Finding[]): Promise<void> {
  const answer = await registered(record, made, at(0))
  const [id = 0] = answer.outcome === 'REFUSED' ? [] : answer.analysisIds
  const claim = await claimAnalysis(record, id, at(1), 1000)
  if (!claim) throw new Error('no analysis was made')
  const timings = { readMs: 0, decodeMs: 0, preprocessMs: 0, inferMs: 0, localizeMs: 0 }
  await completeAnalysis(record, claim, { rows: 80, columns: 64, provider: 'cpu', findings, timings }, at(2))
}

const turnOf = (record: Record, { studyInstanceUid }: MadeRadiograph): Promise<StudyTurn> =>
  reportStudy(
    {
      record,
      archive,
      models: [],
      node: { manufacturer: 'Hilum', modelName: 'Hilum', version: '0.1.0' },
      srSopClass: 'comprehensive3d',
      destinations: [],
      now: () => at(60),
    },
    studyInstanceUid,
  )

test('what Hilum made and a PACS routes back is no reason for another report', () =>
  withRecord(async (record) => {
    const made = makeRadiograph()
    await analysed(record, made, FINDINGS.one)
    await turnOf(record, made)
    const before = await record.select().from(results)
    const own = makeRadiograph({ StudyInstanceUID: made.studyInstanceUid, Manufacturer: 'Hilum' }, { seed: 7 })
    await registered(record, own, at(20), { ...POLICY, assess: () => ({ reasons: ['OWN_OUTPUT'], models: [] }) })

    expect(await turnOf(record, made)).toMatchObject({ kind: 'reported' })

    expect(before.map(({ kind }) => kind).toSorted()).toEqual(['GSPS', 'SR'])
    expect(await record.select().from(results)).toEqual(before)
    expect(await record.select().from(studies)).toMatchObject([{ state: 'REPORTED' }])
  }))

test('findings that no object can say fail the study, which would else come up without end', () =>
  withRecord(async (record) => {
    const made = makeRadiograph()
    const outside = FINDINGS.one.map((finding) => ({
      ...finding,
      region: finding.region && { ...finding.region, box: { left: 900, top: 900, right: 950, bottom: 950 } },
    }))
    await analysed(record, made, outside)

    expect(await turnOf(record, made)).toMatchObject({ kind: 'failed', error: { code: 'MODEL_UNUSABLE' } })

    expect(await record.select().from(studies)).toMatchObject([{ state: 'FAILED' }])
  }))
