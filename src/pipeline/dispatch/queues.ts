import {
  DelayedError,
  Queue,
  Worker,
  createPostgresBackend,
  withBackend,
  type ConnectionOptions,
  type Job,
  type PgPool,
} from 'bullmq'
import type { Redis } from 'ioredis'

/** The stages that wait in a queue; job data are identifiers only, never a patient attribute. */
export interface StageJobs {
  /** One a model and instance, as soon as the instance is in the record. */
  readonly infer: { readonly analysisId: number }
  /** One a study, when it has been quiet. */
  readonly report: { readonly studyInstanceUid: string }
  /** One an object and destination. */
  readonly send: { readonly deliveryId: number }
}

export type Stage = keyof StageJobs

export interface JobOptions {
  /** Two jobs of one identity are one job, as long as the first has not ended. */
  readonly identity: string
  /** 0 STAT … 3 LOW. */
  readonly priority: number
  readonly delayMs?: number
}

/** The date on which the job wants to be looked at again, or nothing when it is done with. */
export type StageProcessor<S extends Stage> = (data: StageJobs[S], signal: AbortSignal) => Promise<Date | undefined>

export interface Queues {
  add<S extends Stage>(stage: S, data: StageJobs[S], options: JobOptions): Promise<void>
  work<S extends Stage>(stage: S, concurrency: number, processor: StageProcessor<S>): void
  /** Forgets every job; the sweeper finds again what is due. */
  clear(): Promise<void>
  /** Ends the workers first, each after its running jobs, then the queues. */
  close(): Promise<void>
}

export type QueueBackend =
  | { readonly kind: 'redis'; readonly redis: Redis; readonly prefix: string }
  | { readonly kind: 'postgres'; readonly pool: PgPool }

/** A job of a worker that died is taken up again after this time. */
const LOCK_MS = 15_000

/** Opens the queues over BullMQ, on Redis (cluster profile) or on the Postgres dialect of PGlite (embedded profile). */
export function openQueues(backend: QueueBackend, onError: (error: unknown, stage: Stage) => void): Queues {
  const { makeQueue, makeWorker } = bullmqOver(backend)
  const queues = Object.fromEntries(STAGES.map((stage) => [stage, makeQueue(stage)])) as unknown as Record<Stage, Queue>
  const workers: Worker[] = []
  for (const stage of STAGES) queues[stage].on('error', (error) => onError(error, stage))

  return {
    async add(stage, data, { identity, priority, delayMs }) {
      await queues[stage].add(stage, data, {
        jobId: `${stage}-${identity}`,
        priority: priority + 1,
        delay: delayMs ?? 0,
        removeOnComplete: true,
        removeOnFail: true,
      })
    },

    work(stage, concurrency, processor) {
      // BullMQ hands over the signal only to a processor that declares three parameters.
      const process = async (job: Job, token?: string, signal?: AbortSignal) => {
        const again = await processor(job.data as StageJobs[typeof stage], signal ?? NEVER).catch((error: unknown) => {
          onError(error, stage)
          // BullMQ keeps the message in the queue, and that of a failed query has its parameters in it.
          throw new Error('the stage failed')
        })
        if (again === undefined) return
        await job.moveToDelayed(again.getTime(), token)
        throw new DelayedError()
      }
      const worker = makeWorker(stage, process, concurrency)
      worker.on('error', (error) => onError(error, stage))
      workers.push(worker)
    },

    async clear() {
      for (const stage of STAGES) await queues[stage].obliterate({ force: true })
    },

    async close() {
      await Promise.all(workers.map((worker) => worker.close()))
      await Promise.all(STAGES.map((stage) => queues[stage].close()))
    },
  }
}

const STAGES: readonly Stage[] = ['infer', 'report', 'send']
const NEVER = new AbortController().signal

function bullmqOver(backend: QueueBackend) {
  type Process = (job: Job, token?: string, signal?: AbortSignal) => Promise<void>
  const timing = { lockDuration: LOCK_MS, stalledInterval: LOCK_MS / 3, maxStalledCount: 100 }
  if (backend.kind === 'redis') {
    const options = { connection: backend.redis as unknown as ConnectionOptions, prefix: backend.prefix }
    return {
      makeQueue: (stage: Stage) => new Queue(stage, options),
      makeWorker: (stage: Stage, process: Process, concurrency: number) =>
        new Worker(stage, process, { ...options, ...timing, concurrency }),
    }
  }
  const postgres = withBackend(createPostgresBackend)
  const options = { connection: backend.pool }
  return {
    makeQueue: (stage: Stage) => new postgres.Queue(stage, options) as unknown as Queue,
    makeWorker: (stage: Stage, process: Process, concurrency: number) =>
      new postgres.Worker(stage, process, { ...options, ...timing, concurrency }) as unknown as Worker,
  }
}
