import { createConnection } from 'node:net'

import { Redis } from 'ioredis'
import pg from 'pg'
import { expect, test } from 'vitest'

import { startOrthanc } from './orthanc.ts'
import { peerMissing } from './peer-missing.ts'
import { startPostgres } from './postgres.ts'
import { startRedis } from './redis.ts'

test.skipIf(peerMissing('orthanc'))('Orthanc answers QIDO-RS and is gone after close', async () => {
  const orthanc = await startOrthanc()

  const answer = await fetch(new URL('instances', orthanc.dicomWebUrl))

  expect(answer.status).toBe(200)
  expect(await orthanc.sopInstanceUids()).toEqual([])
  await orthanc.close()
  expect(await isListening(orthanc.httpPort)).toBe(false)
})

test.skipIf(peerMissing('redis'))('Redis takes a command and is gone after close', async () => {
  const peer = await startRedis()
  const redis = new Redis(peer.url)

  expect(await redis.set(`${peer.prefix()}:a`, 'b')).toBe('OK')

  await redis.quit()
  await peer.close()
  expect(await isListening(peer.port)).toBe(false)
})

test.skipIf(peerMissing('postgres'))('each database of PostgreSQL is empty and apart', async () => {
  const peer = await startPostgres()
  const [first, second] = [await peer.createDatabase(), await peer.createDatabase()]

  await withClient(first, (client) => client.query('create table a (b int)'))
  const tables = await withClient(second, (client) =>
    client.query("select tablename from pg_tables where schemaname = 'public'"),
  )

  expect(tables.rows).toEqual([])
  await peer.close()
})

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
