import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { freePort } from './free-port.ts'
import { findProgram } from './peer-missing.ts'
import { startServerProcess } from './server-process.ts'

export interface RedisPeer {
  readonly url: string
  readonly port: number
  /** A key prefix that nobody else has. */
  prefix(): string
  close(): Promise<void>
}

/** A real Redis that keeps nothing on disk, on a free loopback port (or on one of before, to bring it back empty). */
export async function startRedis(options: { readonly port?: number } = {}): Promise<RedisPeer> {
  const folder = await mkdtemp(join(tmpdir(), 'hilum-redis-'))
  const port = options.port ?? (await freePort())
  const server = await startServerProcess({
    command: findProgram('redis-server') ?? 'redis-server',
    args: [
      ...['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder],
      ...['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction'],
    ],
    cwd: folder,
    isReady: () => answersPing(port),
  })
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    prefix: () => `test-${randomUUID()}`,
    close: async () => {
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export async function withRedis<T>(use: (redis: RedisPeer) => Promise<T>): Promise<T> {
  const redis = await startRedis()
  try {
    return await use(redis)
  } finally {
    await redis.close()
  }
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    socket.setTimeout(1000)
    const answer = (isAlive: boolean) => {
      socket.destroy()
      resolve(isAlive)
    }
    socket.once('data', (data) => answer(data.toString().startsWith('+PONG')))
    socket.once('error', () => answer(false))
    socket.once('timeout', () => answer(false))
  })
}
