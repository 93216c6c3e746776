import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import { ModelUnusable } from '../../errors.ts'
import type { Analysis } from './analyse.ts'
import type { ExecutionProvider } from './execution-provider.ts'
import type { InferenceAnswer, InferenceTask, InferenceWorkerData } from './inference-worker.ts'
import type { ModelPackage } from './model-package.ts'
import { createTurns } from './turns.ts'
import { workerEntry } from './worker-entry.ts'
import { fromWorkerFailure } from './worker-failure.ts'

const DEFAULT_LIMIT_MS = 60_000

export interface Inference {
  /** What really runs. */
  readonly provider: string
  /** @throws UnreadableInstance, UndecodablePixels, ModelUnusable; AbortError when the signal or the time limit ends it. */
  readonly analyse: (
    path: string,
    modelName: string,
    options?: { readonly all?: boolean; readonly signal?: AbortSignal },
  ) => Promise<Analysis>
  readonly close: () => Promise<void>
}

export interface InferenceOptions {
  readonly packages: readonly ModelPackage[]
  readonly provider: ExecutionProvider
  /** Used when `provider` cannot run; without it that stops the start. */
  readonly fallbackProvider?: 'cpu'
  /** Worker threads on the CPU; a GPU gets one. */
  readonly threads: number
  /** An image that takes longer is given up and its thread replaced. */
  readonly limitMs?: number
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void }
}

/** A pool of threads that decode and infer, each with its own warm sessions. @throws ModelUnusable */
export async function createInference(options: InferenceOptions): Promise<Inference> {
  const { packages, provider, fallbackProvider, log, limitMs = DEFAULT_LIMIT_MS } = options
  const threads = provider === 'cpu' ? Math.max(1, options.threads) : 1
  const intraOpThreads = Math.max(1, Math.floor(availableParallelism() / threads))
  const opened = new Int32Array(new SharedArrayBuffer(4))
  const workerData: InferenceWorkerData = { packages, provider, fallbackProvider, intraOpThreads, threads, opened }
  // Waiting happens here and not in the pool, so that an image's time limit starts with its work.
  const turns = createTurns(threads)
  const pool = new Piscina<InferenceTask, InferenceAnswer>({
    ...workerEntry(import.meta.url, 'inference-worker'),
    workerData,
    minThreads: threads,
    maxThreads: threads,
    idleTimeout: Infinity,
  })
  pool.on('error', (error: unknown) => log.warn({ err: error }, 'inference thread failed'))
  try {
    const running = await warmUp(pool, threads)
    if (running !== provider) log.warn({ provider, running }, 'execution provider is missing, the fallback runs')
    log.info({ provider: running, threads, intraOpThreads }, 'inference is ready')
    return {
      provider: running,
      analyse: (path, modelName, { all = false, signal } = {}) =>
        turns.run(() => analyse(pool, { kind: 'analyse', path, modelName, all }, limitMs, signal), signal),
      close: () => pool.close(),
    }
  } catch (error) {
    await pool.destroy()
    throw error
  }
}

/** Every thread has opened its sessions when this resolves: each is asked, at the same time. */
async function warmUp(pool: Piscina<InferenceTask, InferenceAnswer>, threads: number): Promise<ExecutionProvider> {
  const answers = await Promise.all(Array.from({ length: threads }, () => pool.run({ kind: 'describe' })))
  for (const answer of answers) {
    if (answer.kind === 'failed') throw fromWorkerFailure(answer.failure)
    if (answer.kind === 'described') return answer.provider
  }
  throw new ModelUnusable('no inference thread started')
}

async function analyse(
  pool: Piscina<InferenceTask, InferenceAnswer>,
  task: InferenceTask,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<Analysis> {
  const limit = AbortSignal.timeout(limitMs)
  const answer = await pool.run(task, { signal: signal === undefined ? limit : AbortSignal.any([signal, limit]) })
  if (answer.kind === 'analysed') return answer.analysis
  if (answer.kind === 'failed') throw fromWorkerFailure(answer.failure)
  throw new Error(`an inference thread gave the answer '${answer.kind}'`)
}
