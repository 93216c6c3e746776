import { spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'

export interface ServerProcess {
  readonly pid: number
  /** Ends it politely, by force after five seconds. A second call waits for the same end. */
  close(signal?: NodeJS.Signals): Promise<void>
}

interface ServerProcessOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly uid?: number | undefined
  readonly gid?: number | undefined
  readonly isReady: () => Promise<boolean>
}

const START_LIMIT_MS = 45_000

/** Starts a peer and resolves when it answers; what it printed is in the error when it does not. */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { command, args, cwd, uid, gid } = options
  const identity = uid === undefined || gid === undefined ? {} : { uid, gid }
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], ...identity })
  let printed = ''
  const keep = (chunk: Buffer) => (printed = (printed + chunk.toString()).slice(-4000))
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', (error) => {
      keep(Buffer.from(error.message))
      resolve()
    })
  })
  let isOver = false
  void ended.then(() => (isOver = true))
  // A test worker that dies must not leave a server behind.
  const killAtExit = () => child.kill('SIGKILL')
  process.once('exit', killAtExit)

  const close = async (signal: NodeJS.Signals = 'SIGTERM') => {
    process.off('exit', killAtExit)
    if (!isOver) child.kill(signal)
    const force = setTimeout(() => child.kill('SIGKILL'), 5000)
    await ended
    clearTimeout(force)
  }

  const until = Date.now() + START_LIMIT_MS
  while (!isOver && Date.now() < until) {
    if (await options.isReady().catch(() => false)) return { pid: child.pid ?? 0, close }
    await delay(50)
  }
  await close()
  throw new Error(`${command} did not start: ${printed}`)
}
