import type { Logger } from 'pino'
import { runAnalysis, type RunAnalysisDeps } from './infer/run-analysis.ts'
import { deliver, type DeliverDeps } from './send/deliver.ts'
import { reportStudy, type ReportStudyDeps } from './report/report-study.ts'
import { sweep } from './dispatch/sweeper.ts'
import type { Queues } from './dispatch/queues.ts'
import type { Registered } from '../record/register-instance.ts'

/*
 * The whole path, one stage a line:
 *   accept    a sender's instance is made durable          accept/accept-instance.ts
 *   archive   under its UIDs and content                   archive/instance-archive.ts
 *   assemble  is a model meant for it, is its study quiet  assemble/eligibility.ts, record/register-instance.ts
 *   dispatch  queues by identifier, swept from the record  dispatch/queues.ts, dispatch/sweeper.ts
 *   infer     pixels to model outputs, in worker threads   infer/run-analysis.ts
 *   localize  outputs to regions in image pixels           localize/regions.ts
 *   report    findings to SR and GSPS                      report/report-study.ts
 *   send      to the archive's own web and to each PACS    send/deliver.ts
 */

export interface ProcessDeps {
  readonly queues: Queues
  readonly analyse: RunAnalysisDeps
  readonly report: ReportStudyDeps
  readonly send: DeliverDeps
  readonly concurrency: { readonly infer: number; readonly report: number; readonly send: number }
  readonly log: Logger
}

/** After accept: an instance's analyses start at once, and its study comes up when it has been quiet. */
export async function dispatchInstance(
  queues: Queues,
  { studyInstanceUid }: { readonly studyInstanceUid: string },
  registered: Registered,
  studyQuietMs: number,
): Promise<void> {
  if (registered.outcome === 'REFUSED' || registered.outcome === 'DUPLICATE') return
  const { analysisIds, priority } = registered
  for (const analysisId of analysisIds)
    await queues.add('infer', { analysisId }, { identity: `${analysisId}-0`, priority })
  await queues.add('report', { studyInstanceUid }, { identity: studyInstanceUid, priority, delayMs: studyQuietMs })
}

/** Starts the work on all queued stages. Every stage may run twice: BullMQ delivers at least once. */
export function processStages({ queues, analyse, report, send, concurrency, log }: ProcessDeps): void {
  queues.work('infer', concurrency.infer, async ({ analysisId }, signal) => {
    const ended = await runAnalysis(analyse, analysisId, signal)
    if (!ended) return undefined
    const { studyInstanceUid, sopInstanceUid, priority, attempt } = ended.claim
    const about = { studyInstanceUid, sopInstanceUid, analysisId, attempt }
    if (ended.outcome === 'AGAIN') {
      log.warn({ ...about, err: ended.error }, 'analysis will be tried again')
      return undefined
    }
    if (ended.outcome === 'FAILED') log.warn({ ...about, err: ended.error }, 'analysis failed')
    else log.info(about, 'instance analysed')
    await queues.add(
      'report',
      { studyInstanceUid },
      { identity: `${studyInstanceUid}-after-${analysisId}-${attempt}`, priority },
    )
    return undefined
  })

  queues.work('report', concurrency.report, async ({ studyInstanceUid }) => {
    const turn = await reportStudy(report, studyInstanceUid)
    if (turn.kind === 'not-due') return turn.at
    if (turn.kind === 'not-analysed') log.warn({ studyInstanceUid }, 'no image of the study could be analysed')
    if (turn.kind === 'failed') log.error({ err: turn.error, studyInstanceUid }, 'the report cannot be made')
    if (turn.kind !== 'reported') return undefined
    log.info({ studyInstanceUid, objects: turn.objects }, 'study reported')
    for (const deliveryId of turn.deliveryIds)
      await queues.add('send', { deliveryId }, { identity: `${deliveryId}-0`, priority: turn.priority })
    return undefined
  })

  queues.work('send', concurrency.send, async ({ deliveryId }, signal) => {
    const turn = await deliver(send, deliveryId, signal)
    if (!turn) return undefined
    const level = turn.state === 'DELIVERED' ? 'info' : 'warn'
    const { state, lastAnswer: answer, attempts, priority, nextAttemptAt } = turn
    log[level]({ deliveryId, state, answer, attempts }, 'delivery attempted')
    if (!nextAttemptAt) return undefined
    // The identity that the sweeper would give the next attempt: whoever is first, there is one.
    const delayMs = Math.max(0, nextAttemptAt.getTime() - send.now().getTime())
    await queues.add('send', { deliveryId }, { identity: `${deliveryId}-${attempts}`, priority, delayMs })
    return undefined
  })
}

/** One look at the record for work that is due and may have no job. */
export const sweepStages = ({ queues, report }: ProcessDeps): Promise<number> =>
  sweep(report.record, queues, report.now())
