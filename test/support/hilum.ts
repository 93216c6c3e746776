import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Study } from '../../src/ris/study-resource.ts'
import { freePort } from './free-port.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
const START_LIMIT_MS = 90_000

/** Hilum as its operator runs it: real processes, which tests may kill and start again on the same data. */
export interface HilumNode {
  readonly url: string
  /** What the processes have printed so far. */
  readonly log: () => string
  start(): Promise<void>
  /** kill -9 of the processes of one role; `start` brings them back. */
  kill(role: Role): Promise<void>
  study(studyInstanceUid: string): Promise<Study>
  close(): Promise<void>
}

export type Role = 'start' | 'api' | 'worker'
export type Environment = Readonly<Record<string, string>>

/** `roles` ['start'] is the embedded profile, ['api', 'worker'] the cluster. */
export async function startHilum(roles: readonly Role[], settings: Environment = {}): Promise<HilumNode> {
  const directory = await mkdtemp(join(tmpdir(), 'hilum-node-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const running = new Map<Role, ChildProcess>()
  let printed = ''

  const run = (role: Role) => {
    const env = {
      PATH: process.env['PATH'] ?? '',
      HTTP_PORT: `${port}`,
      DATA_DIR: directory,
      STUDY_QUIET_MS: '500',
      ...settings,
    }
    const child = spawn(process.execPath, ['--import', 'tsx', MAIN, role], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    running.set(role, child)
  }
  const end = async (role: Role, signal: NodeJS.Signals) => {
    const child = running.get(role)
    running.delete(role)
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  const start = async () => {
    for (const role of roles) if (!running.has(role)) run(role)
    const until = Date.now() + START_LIMIT_MS
    for (;;) {
      if (
        await fetch(`${url}/health/ready`).then(
          ({ ok }) => ok,
          () => false,
        )
      )
        return
      if (Date.now() > until || [...running.values()].some(({ exitCode }) => exitCode !== null))
        throw new Error(`hilum did not start: ${printed}`)
      await delay(50)
    }
  }

  // A test worker that dies must not leave a node behind.
  const killAtExit = () => running.forEach((child) => child.kill('SIGKILL'))
  process.once('exit', killAtExit)
  await start()
  return {
    url,
    log: () => printed,
    start,
    kill: (role) => end(role, 'SIGKILL'),
    study: async (studyInstanceUid) => (await (await fetch(`${url}/v1/studies/${studyInstanceUid}`)).json()) as Study,
    async close() {
      process.off('exit', killAtExit)
      await Promise.all(roles.map((role) => end(role, 'SIGTERM')))
      await rm(directory, { recursive: true, force: true })
    },
  }
}
