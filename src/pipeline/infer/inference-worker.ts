import { workerData } from 'piscina'
import { ModelUnusable } from '../../errors.ts'
import { type Analysis, analyseFile } from './analyse.ts'
import type { ExecutionProvider } from './execution-provider.ts'
import type { ModelPackage } from './model-package.ts'
import { type ModelSession, openModel, type SessionOptions } from './model-session.ts'
import { toWorkerFailure, type WorkerFailure } from './worker-failure.ts'

export interface InferenceWorkerData extends SessionOptions {
  readonly packages: readonly ModelPackage[]
  readonly threads: number
  /** One shared number: how many threads have opened their sessions. */
  readonly opened: Int32Array
}

export type InferenceTask =
  | { readonly kind: 'describe' }
  | { readonly kind: 'analyse'; readonly path: string; readonly modelName: string; readonly all: boolean }

export type InferenceAnswer =
  | { readonly kind: 'described'; readonly provider: ExecutionProvider }
  | { readonly kind: 'analysed'; readonly analysis: Analysis }
  | { readonly kind: 'failed'; readonly failure: WorkerFailure }

const data = workerData as InferenceWorkerData

// Opened as the thread starts, so that a replaced thread is warm before its first image. A failure is kept and
// answered to every task: thrown here it would only end the thread, again and again.
const opened = await openAll(data).catch((error: unknown) => ({ error }))

Atomics.add(data.opened, 0, 1)
Atomics.notify(data.opened, 0)

const OTHERS_LIMIT_MS = 120_000

/** Until the other threads are warm too: a pool gives all its first tasks to the thread that is up first. */
function waitForOthers(): void {
  const until = Date.now() + OTHERS_LIMIT_MS
  for (;;) {
    const count = Atomics.load(data.opened, 0)
    if (count >= data.threads || Date.now() > until) return
    Atomics.wait(data.opened, 0, count, 1000)
  }
}

async function openAll({ packages, ...options }: InferenceWorkerData): Promise<ReadonlyMap<string, ModelSession>> {
  const sessions = new Map<string, ModelSession>()
  for (const modelPackage of packages) sessions.set(modelPackage.identity.name, await openModel(modelPackage, options))
  return sessions
}

export default async function work(task: InferenceTask): Promise<InferenceAnswer> {
  try {
    if (!(opened instanceof Map)) throw 'error' in opened ? opened.error : new ModelUnusable('no model is open')
    const sessions: ReadonlyMap<string, ModelSession> = opened
    if (task.kind === 'describe') {
      waitForOthers()
      return { kind: 'described', provider: [...sessions.values()][0]?.provider ?? 'cpu' }
    }
    const session = sessions.get(task.modelName)
    if (session === undefined) throw new ModelUnusable(`no model is called ${task.modelName}`)
    return { kind: 'analysed', analysis: await analyseFile(task.path, session, { all: task.all }) }
  } catch (error) {
    const failure = toWorkerFailure(error)
    if (failure === null) throw error
    return { kind: 'failed', failure }
  }
}
