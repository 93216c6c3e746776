import { expect, test } from 'vitest'
import { claimAnalysis, failAnalysis } from '../../src/record/analyses.ts'
import { dueStudies, moveStudy } from '../../src/record/study-turns.ts'
import { registered, withRecord } from '../support/memory-record.ts'
import { makeRadiograph } from '../support/radiograph.ts'

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, seconds))

test('a study is due when it has been quiet, and then again when its last analysis has ended', () =>
  withRecord(async (record) => {
    const { studyInstanceUid, ...made } = makeRadiograph()
    const answer = await registered(record, made, at(0))
    const [id = 0] = answer.outcome === 'REFUSED' ? [] : answer.analysisIds
    const due = async (seconds: number) =>
      (await dueStudies(record, at(seconds), 10)).map((study) => study.studyInstanceUid)
    expect(await due(0)).toEqual([])
    expect(await due(2)).toEqual([studyInstanceUid])

    await moveStudy(record, studyInstanceUid, 'ANALYSING', at(0))
    expect(await due(3)).toEqual([])

    const claim = await claimAnalysis(record, id, at(4), 1000)
    if (!claim) throw new Error('nothing to claim')
    await failAnalysis(record, claim, 'UNDECODABLE_PIXELS', at(5))
    expect(await due(6)).toEqual([studyInstanceUid])
  }))
