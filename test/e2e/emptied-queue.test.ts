import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { startHilum } from '../support/hilum.ts'
import { peerMissing } from '../support/peer-missing.ts'
import { withPostgres } from '../support/postgres.ts'
import { makeRadiograph } from '../support/radiograph.ts'
import { withRedis } from '../support/redis.ts'
import { storeMade } from '../support/store.ts'

const missing = peerMissing('postgres') ?? peerMissing('redis')

test.skipIf(missing !== undefined)(
  `an emptied Redis costs seconds, not studies ${missing ?? ''}`,
  () =>
    withPostgres((postgres) =>
      withRedis(async (peer) => {
        const redis = new Redis(peer.url)
        const peers = { DATABASE_URL: await postgres.createDatabase(), REDIS_URL: peer.url }
        const node = await startHilum(['api', 'worker'], peers)
        try {
          await node.kill('worker')
          const made = Array.from({ length: 3 }, (_, i) => makeRadiograph({}, { seed: 200 + i }))
          await storeMade(node.url, made)

          await redis.flushall()
          await node.start()

          for (const { studyInstanceUid } of made) {
            await expect
              .poll(async () => (await node.study(studyInstanceUid)).state, { timeout: 60_000 })
              .toBe('REPORTED')
          }
        } finally {
          await node.close()
          redis.disconnect()
        }
      }),
    ),
  180_000,
)
