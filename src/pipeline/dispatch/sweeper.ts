import { dueAnalyses } from '../../record/analyses.ts'
import { dueDeliveries } from '../../record/deliveries.ts'
import { dueStudies } from '../../record/study-turns.ts'
import type { Record } from '../../record/record.ts'
import type { Queues } from './queues.ts'

/** At most so many rows a stage and sweep: what is left is found by the next one. */
const BATCH = 200

/**
 * Turns rows that are due into jobs. The record is the truth and the queue is disposable: a job that was lost, or whose
 * worker died, is made again here, and one that is still there is not made twice.
 */
export async function sweep(record: Record, queues: Queues, now: Date): Promise<number> {
  const lost = await dueAnalyses(record, now, BATCH)
  for (const { id, attempts, priority } of lost) {
    await queues.add('infer', { analysisId: id }, { identity: `${id}-${attempts}`, priority })
  }
  const quiet = await dueStudies(record, now, BATCH)
  for (const { studyInstanceUid, settleDueAt, priority } of quiet) {
    await queues.add(
      'report',
      { studyInstanceUid },
      { identity: `${studyInstanceUid}-${settleDueAt.getTime()}-swept`, priority },
    )
  }
  const unsent = await dueDeliveries(record, now, BATCH)
  for (const { id, attempts, priority } of unsent) {
    await queues.add('send', { deliveryId: id }, { identity: `${id}-${attempts}`, priority })
  }
  return lost.length + quiet.length + unsent.length
}

/** Sweeps at once and then every `intervalMs`; stop() ends after the sweep that runs. */
export function startSweeper(
  run: () => Promise<unknown>,
  intervalMs: number,
  onError: (error: unknown) => void,
): { stop: () => Promise<void> } {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let running = Promise.resolve()
  const turn = () => {
    running = run()
      .then(() => undefined, onError)
      .finally(() => {
        if (!stopped) timer = setTimeout(turn, intervalMs)
      })
  }
  turn()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
