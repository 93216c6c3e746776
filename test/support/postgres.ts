import { execFile, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import pg from 'pg'

import { freePort } from './free-port.ts'
import { findProgram } from './peer-missing.ts'
import { startServerProcess } from './server-process.ts'

export interface PostgresPeer {
  /** The maintenance database. */
  readonly url: string
  /** A fresh empty database; gives its URL. */
  createDatabase(): Promise<string>
  /** Ends the server as a crash would (SIGQUIT: immediate shutdown). */
  crash(): Promise<void>
  close(): Promise<void>
}

/** A real PostgreSQL in a temporary folder on a free loopback port. Not durable (fsync off): for tests only. */
export async function startPostgres(): Promise<PostgresPeer> {
  const folder = await mkdtemp(join(tmpdir(), 'hilum-postgres-'))
  const identity = unprivileged()
  if (identity !== undefined) await chown(folder, identity.uid, identity.gid)
  const data = join(folder, 'data')
  await promisify(execFile)(
    findProgram('initdb') ?? 'initdb',
    ['--pgdata', data, '--username', 'hilum', '--auth', 'trust', '--encoding', 'UTF8', '--locale', 'C', '--no-sync'],
    { cwd: folder, ...identity },
  )
  const port = await freePort()
  const url = `postgres://hilum@127.0.0.1:${port}/postgres`
  const server = await startServerProcess({
    command: findProgram('postgres') ?? 'postgres',
    args: [
      ...['-D', data, '-p', `${port}`, '-k', folder],
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-c', 'shared_buffers=32MB'],
    ],
    cwd: folder,
    ...identity,
    isReady: async () => (await query(url, 'select 1'), true),
  })
  return {
    url,
    createDatabase: async () => {
      const name = `test_${randomBytes(8).toString('hex')}`
      await query(url, `create database ${name}`)
      return url.replace(/postgres$/, name)
    },
    crash: () => server.close('SIGQUIT'),
    close: async () => {
      // SIGINT: clients that are still connected do not hold up the end.
      await server.close('SIGINT')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export async function withPostgres<T>(use: (postgres: PostgresPeer) => Promise<T>): Promise<T> {
  const postgres = await startPostgres()
  try {
    return await use(postgres)
  } finally {
    await postgres.close()
  }
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  // The server may go away between connect and end, which pg reports as an event.
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query(text)
  } finally {
    await client.end()
  }
}

/** PostgreSQL refuses to run as root: then it runs as the user `postgres`, or as `nobody`. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string, user: string) =>
    Number(execFileSync('id', [flag, user], { stdio: ['ignore', 'pipe', 'ignore'] }))
  for (const user of ['postgres', 'nobody']) {
    try {
      return { uid: id('-u', user), gid: id('-g', user) }
    } catch {
      // No such user: the next one.
    }
  }
  return undefined
}
