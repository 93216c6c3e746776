import type { PeerName } from './peer-missing.ts'
import { peerMissing } from './peer-missing.ts'
import { startHilum, type Environment, type HilumNode } from './hilum.ts'
import { startPostgres } from './postgres.ts'
import { startRedis } from './redis.ts'

export interface ProfileUnderTest {
  readonly name: 'embedded' | 'cluster'
  /** Why it cannot be run here; undefined: it can. */
  readonly missing: string | undefined
  start(settings?: Environment): Promise<HilumNode>
}

const missingOf = (peers: readonly PeerName[]) =>
  peers.map((peer) => peerMissing(peer)).find((reason) => reason !== undefined)

/** Both profiles, for `describe.each`: one suite of tests runs over both. */
export const PROFILES: readonly ProfileUnderTest[] = [
  { name: 'embedded', missing: undefined, start: (settings) => startHilum(['start'], settings) },
  { name: 'cluster', missing: missingOf(['postgres', 'redis']), start: startCluster },
]

async function startCluster(settings: Environment = {}): Promise<HilumNode> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
  const peers = { DATABASE_URL: await postgres.createDatabase(), REDIS_URL: redis.url, REDIS_PREFIX: redis.prefix() }
  const node = await startHilum(['api', 'worker'], { ...peers, ...settings })
  return {
    ...node,
    async close() {
      await node.close()
      await Promise.all([postgres.close(), redis.close()])
    },
  }
}
