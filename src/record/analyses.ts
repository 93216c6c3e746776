import { and, eq, inArray, lt, or, sql } from 'drizzle-orm'
import type { Analysis } from '../pipeline/infer/analyse.ts'
import { analyses, findings, instances, studies } from './schema.ts'
import { analysisStatesBefore } from './states.ts'
import type { Record } from './record.ts'

/** What a worker needs to run one analysis; `attempt` fences it: a later claim makes the earlier one's results void. */
export interface ClaimedAnalysis {
  readonly id: number
  readonly attempt: number
  readonly studyInstanceUid: string
  readonly sopInstanceUid: string
  readonly sha256: string
  readonly modelName: string
  readonly priority: number
}

/** Takes the analysis if it waits, or if the worker that had it let its lease run out; null: nothing to do. */
export async function claimAnalysis(
  record: Record,
  id: number,
  now: Date,
  leaseMs: number,
): Promise<ClaimedAnalysis | null> {
  const lapsed = and(eq(analyses.state, 'RUNNING'), lt(analyses.leaseUntil, now))
  const [claimed] = await record
    .update(analyses)
    .set({
      state: 'RUNNING',
      attempts: sql`${analyses.attempts} + 1`,
      firstStartedAt: sql`coalesce(${analyses.firstStartedAt}, ${now.toISOString()}::timestamptz)`,
      leaseUntil: new Date(now.getTime() + leaseMs),
    })
    .where(and(eq(analyses.id, id), or(inArray(analyses.state, analysisStatesBefore('RUNNING')), lapsed)))
    .returning()
  if (!claimed) return null
  const [source] = await record
    .select({ sha256: instances.sha256, priority: studies.priority })
    .from(instances)
    .innerJoin(studies, eq(studies.studyInstanceUid, instances.studyInstanceUid))
    .where(eq(instances.sopInstanceUid, claimed.sopInstanceUid))
  if (!source) throw new Error('an analysis without its instance')
  return { ...claimed, ...source, attempt: claimed.attempts }
}

/** Enters what the model said, once; false: the claim had lapsed and another worker has it now. */
export function completeAnalysis(
  record: Record,
  claim: ClaimedAnalysis,
  analysis: Analysis,
  now: Date,
): Promise<boolean> {
  return record.transaction(async (tx) => {
    const [done] = await tx
      .update(analyses)
      .set({
        state: 'DONE',
        reason: null,
        leaseUntil: null,
        finishedAt: now,
        provider: analysis.provider,
        timings: { ...analysis.timings },
      })
      .where(stillHeld(claim))
      .returning({ id: analyses.id })
    if (!done) return false
    await tx.delete(findings).where(eq(findings.analysisId, claim.id))
    if (analysis.findings.length > 0) {
      await tx
        .insert(findings)
        .values(analysis.findings.map((finding, ordinal) => ({ ...finding, analysisId: claim.id, ordinal })))
    }
    return true
  })
}

/** Ends the analysis with the code of its failure. */
export async function failAnalysis(record: Record, claim: ClaimedAnalysis, reason: string, now: Date): Promise<void> {
  await record
    .update(analyses)
    .set({ state: 'FAILED', reason, leaseUntil: null, finishedAt: now })
    .where(stillHeld(claim))
}

/** Holds on to a claim for `leaseMs` more. */
export async function renewAnalysis(record: Record, claim: ClaimedAnalysis, now: Date, leaseMs: number): Promise<void> {
  await record
    .update(analyses)
    .set({ leaseUntil: new Date(now.getTime() + leaseMs) })
    .where(stillHeld(claim))
}

/** Gives the analysis back, to be claimed again. */
export async function releaseAnalysis(record: Record, claim: ClaimedAnalysis): Promise<void> {
  await record.update(analyses).set({ state: 'WAITING', leaseUntil: null }).where(stillHeld(claim))
}

/** Analyses that nobody works on although they are due: never started, or left by a worker that is gone. */
export function dueAnalyses(record: Record, now: Date, limit: number) {
  return record
    .select({ id: analyses.id, attempts: analyses.attempts, priority: studies.priority })
    .from(analyses)
    .innerJoin(studies, eq(studies.studyInstanceUid, analyses.studyInstanceUid))
    .where(or(eq(analyses.state, 'WAITING'), and(eq(analyses.state, 'RUNNING'), lt(analyses.leaseUntil, now))))
    .orderBy(studies.priority, analyses.id)
    .limit(limit)
}

/** In the embedded profile no worker outlives its process: what is marked as running at a start is not. */
export async function releaseAllAnalyses(record: Record): Promise<void> {
  await record.update(analyses).set({ state: 'WAITING', leaseUntil: null }).where(eq(analyses.state, 'RUNNING'))
}

const stillHeld = (claim: ClaimedAnalysis) =>
  and(eq(analyses.id, claim.id), eq(analyses.state, 'RUNNING'), eq(analyses.attempts, claim.attempt))
