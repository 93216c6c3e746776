import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

export interface WorkerEntry {
  readonly filename: string
  readonly execArgv: string[]
}

/**
 * Where a worker thread starts: beside the module that asks, as .ts when the sources run and as .js when dist does.
 * Sources need tsx in the thread too, whoever runs them in the main thread (tsx or vitest).
 */
export function workerEntry(askedFrom: string, name: string): WorkerEntry {
  const fromSources = new URL(askedFrom).pathname.endsWith('.ts')
  const filename = fileURLToPath(new URL(`./${name}${fromSources ? '.ts' : '.js'}`, askedFrom))
  if (!fromSources) return { filename, execArgv: [] }
  const common = createRequire(import.meta.url).resolve('tsx/esm/api')
  const api = pathToFileURL(common.replace(/\.cjs$/, '.mjs')).href
  // `--import tsx` does nothing in a worker thread: tsx takes the main thread's hooks to be shared, which they are not.
  const register = `import { register } from ${JSON.stringify(api)}; register()`
  return { filename, execArgv: ['--import', `data:text/javascript,${encodeURIComponent(register)}`] }
}
