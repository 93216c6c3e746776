import { ServiceError } from '../../errors.ts'
import {
  claimAnalysis,
  completeAnalysis,
  failAnalysis,
  releaseAnalysis,
  renewAnalysis,
  type ClaimedAnalysis,
} from '../../record/analyses.ts'
import type { Record } from '../../record/record.ts'
import type { SopInstanceUid, StudyInstanceUid } from '../../dicom/uid.ts'
import type { InstanceArchive } from '../archive/instance-archive.ts'
import type { Inference } from './create-inference.ts'

export interface RunAnalysisDeps {
  readonly record: Record
  readonly archive: InstanceArchive
  readonly inference: Inference
  readonly now: () => Date
  /** A claim that is not renewed for so long is another worker's. */
  readonly leaseMs: number
  /** After so many starts an analysis that never ended is given up as one that ends its workers. */
  readonly maximumAttempts: number
}

/** The study whose analysis ended (well or not), or null when there was nothing to do. */
export interface EndedAnalysis {
  readonly claim: ClaimedAnalysis
  readonly outcome: 'DONE' | 'FAILED' | 'AGAIN'
  readonly error?: unknown
}

/** Runs one analysis under a lease and enters what came of it; may run twice, and only one of the two is entered. */
export async function runAnalysis(
  deps: RunAnalysisDeps,
  analysisId: number,
  signal: AbortSignal,
): Promise<EndedAnalysis | null> {
  const { record, archive, inference, now, leaseMs } = deps
  const claim = await claimAnalysis(record, analysisId, now(), leaseMs)
  if (!claim) return null
  if (claim.attempt > deps.maximumAttempts) {
    await failAnalysis(record, claim, 'CRASHED_THE_WORKER', now())
    return { claim, outcome: 'FAILED' }
  }
  const path = archive.pathOf(
    {
      studyInstanceUid: claim.studyInstanceUid as StudyInstanceUid,
      sopInstanceUid: claim.sopInstanceUid as SopInstanceUid,
    },
    claim.sha256,
  )
  const lost = (error: unknown) => {
    // The lease runs out then, and the completion below finds that out for itself.
    void error
  }
  const renewal = setInterval(() => void renewAnalysis(record, claim, now(), leaseMs).catch(lost), leaseMs / 3)
  try {
    const analysis = await inference.analyse(path, claim.modelName, { signal })
    const entered = await completeAnalysis(record, claim, analysis, now())
    return entered ? { claim, outcome: 'DONE' } : null
  } catch (error) {
    return await giveUp(deps, claim, error)
  } finally {
    clearInterval(renewal)
  }
}

async function giveUp(
  { record, now, maximumAttempts }: RunAnalysisDeps,
  claim: ClaimedAnalysis,
  error: unknown,
): Promise<EndedAnalysis> {
  const foreseen = error instanceof ServiceError
  if ((foreseen && error.remedy !== 'retry-later') || claim.attempt >= maximumAttempts) {
    await failAnalysis(record, claim, foreseen ? error.code : 'ANALYSIS_FAILED', now())
    return { claim, outcome: 'FAILED', error }
  }
  await releaseAnalysis(record, claim)
  return { claim, outcome: 'AGAIN', error }
}
