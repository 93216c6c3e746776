import { PGlite } from '@electric-sql/pglite'
import { Redis } from 'ioredis'
import { describe, expect, test, vi } from 'vitest'
import { openPglitePool } from '../../../src/pipeline/dispatch/pglite-pool.ts'
import { openQueues, type Queues, type StageProcessor } from '../../../src/pipeline/dispatch/queues.ts'
import { peerMissing } from '../../support/peer-missing.ts'
import { withRedis } from '../../support/redis.ts'

type Use = (queues: Queues) => Promise<void>

const fail = (error: unknown): never => {
  throw error
}

const BACKENDS = [
  {
    name: 'PGlite',
    missing: undefined,
    open: async (use: Use) => {
      const database = await PGlite.create()
      const queues = openQueues({ kind: 'postgres', pool: await openPglitePool(database) }, fail)
      try {
        await use(queues)
      } finally {
        await queues.close()
      }
      await database.close()
    },
  },
  {
    name: 'Redis',
    missing: peerMissing('redis'),
    open: (use: Use) =>
      withRedis(async (peer) => {
        const redis = new Redis(peer.url, { maxRetriesPerRequest: null })
        const queues = openQueues({ kind: 'redis', redis, prefix: peer.prefix() }, fail)
        try {
          await use(queues)
        } finally {
          await queues.close()
        }
        redis.disconnect()
      }),
  },
] as const

for (const { name, missing, open } of BACKENDS) {
  const why = missing === undefined ? '' : ` (skipped: ${missing})`
  describe.skipIf(missing !== undefined)(`queues on ${name}${why}`, () => {
    rulesOf(open)
  })
}

function rulesOf(open: (use: Use) => Promise<void>): void {
  test('two jobs of one identity are one job', () =>
    open(async (queues) => {
      const seen: number[] = []
      await queues.add('infer', { analysisId: 1 }, { identity: '1-0', priority: 2 })
      await queues.add('infer', { analysisId: 1 }, { identity: '1-0', priority: 2 })
      await queues.add('infer', { analysisId: 2 }, { identity: '2-0', priority: 2 })

      queues.work('infer', 1, async ({ analysisId }) => void seen.push(analysisId))

      await expect.poll(() => seen.length).toBe(2)
      await new Promise((resolve) => setTimeout(resolve, 200))
      expect(seen.toSorted((a, b) => a - b)).toEqual([1, 2])
    }))

  test('STAT goes before routine', () =>
    open(async (queues) => {
      const seen: number[] = []
      for (const [analysisId, priority] of [
        [1, 3],
        [2, 2],
        [3, 0],
        [4, 1],
      ] as const) {
        await queues.add('infer', { analysisId }, { identity: `${analysisId}-0`, priority })
      }

      queues.work('infer', 1, async ({ analysisId }) => void seen.push(analysisId))

      await expect.poll(() => seen).toEqual([3, 4, 2, 1])
    }))

  test('a job that asks to be looked at later comes back then', () =>
    open(async (queues) => {
      const times: number[] = []
      queues.work('report', 1, async () => {
        times.push(Date.now())
        return times.length < 2 ? new Date(Date.now() + 400) : undefined
      })

      await queues.add('report', { studyInstanceUid: '1.2' }, { identity: '1.2', priority: 2 })

      await expect.poll(() => times.length, { timeout: 5000 }).toBe(2)
      expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(390)
    }))

  test('a cleared queue forgets what waited, and takes it again', () =>
    open(async (queues) => {
      const work = vi.fn<StageProcessor<'send'>>(async () => undefined)
      await queues.add('send', { deliveryId: 1 }, { identity: '1-0', priority: 2 })

      await queues.clear()
      queues.work('send', 1, work)
      await queues.add('send', { deliveryId: 2 }, { identity: '1-0', priority: 2 })

      await expect.poll(() => work.mock.calls.length).toBe(1)
      expect(work).toHaveBeenCalledWith({ deliveryId: 2 }, expect.any(AbortSignal))
    }))
}

test('why a stage failed is told to its owner, and not kept in the queue', async () => {
  const database = await PGlite.create()
  const told: unknown[] = []
  const pool = await openPglitePool(database)
  const queues = openQueues({ kind: 'postgres', pool }, (error) => told.push(error))
  const failure = new Error('params: SECRET^NAME')
  try {
    queues.work('infer', 1, () => Promise.reject(failure))
    await queues.add('infer', { analysisId: 1 }, { identity: '1-0', priority: 2 })
    await expect.poll(() => told).toEqual([failure])
  } finally {
    await queues.close()
  }
  const { rows } = await database.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'bullmq' and table_type = 'BASE TABLE'`,
  )
  expect(rows.length).toBeGreaterThan(0)
  for (const { name } of rows) {
    const kept = await database.query(`select it::text from bullmq."${name}" as it`)
    expect(JSON.stringify(kept.rows)).not.toContain('SECRET')
  }
  await database.close()
})
