import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'
import type { Logger } from 'pino'
import type { Closing } from './closing.ts'
import type { Config } from './config.ts'
import { openPglitePool } from './pipeline/dispatch/pglite-pool.ts'
import { openQueues, type Queues } from './pipeline/dispatch/queues.ts'
import { releaseAllAnalyses } from './record/analyses.ts'
import { ownDataDirectory } from './record/data-directory.ts'
import { openDurablePglite } from './record/durable-pglite.ts'
import { openEmbeddedRecord, openPostgresRecord, type Record } from './record/record.ts'

/** Where the two profiles differ, and the only place: record and queues. */
export interface Backends {
  readonly record: Record
  readonly queues: Queues
  /** What of the two does not answer at the moment. */
  readonly unready: () => Promise<readonly string[]>
}

export async function openBackends(config: Config, closing: Closing, log: Logger): Promise<Backends> {
  const { profile } = config
  return profile.kind === 'embedded'
    ? await openEmbedded(config, closing, log)
    : await openCluster(profile, closing, log)
}

async function openEmbedded({ dataDirectory }: Config, closing: Closing, log: Logger): Promise<Backends> {
  closing.own(await ownDataDirectory(dataDirectory), (it) => it.release())
  const folder = join(dataDirectory, 'record')
  await mkdir(folder, { recursive: true })
  const database = closing.own(await openDurablePglite(folder), (it) => it.close())
  const record = await openEmbeddedRecord(database)
  // No worker outlives this profile's one process: what was running is due, and the queue is made anew from the record.
  await releaseAllAnalyses(record)
  const pool = await openPglitePool(database)
  const queues = closing.own(openQueues({ kind: 'postgres', pool }, logQueueError(log)), (it) => it.close())
  await queues.clear()
  return {
    record,
    queues,
    unready: () => missing({ record: () => database.query('select 1') }),
  }
}

async function openCluster(
  profile: Extract<Config['profile'], { kind: 'cluster' }>,
  closing: Closing,
  log: Logger,
): Promise<Backends> {
  const pool = closing.own(new pg.Pool({ connectionString: profile.databaseUrl, max: 10, keepAlive: true }), (it) =>
    it.end(),
  )
  // Without a listener an idle client's error would end the process.
  pool.on('error', (err) => log.warn({ err }, 'an idle database connection broke'))
  const record = await openPostgresRecord(pool)
  const redis = closing.own(new Redis(profile.redisUrl, { maxRetriesPerRequest: null }), async (it) => it.disconnect())
  redis.on('error', (err: Error) => log.warn({ err }, 'redis connection broke'))
  const queues = closing.own(
    openQueues({ kind: 'redis', redis, prefix: profile.redisPrefix }, logQueueError(log)),
    (it) => it.close(),
  )
  return {
    record,
    queues,
    unready: () => missing({ record: () => pool.query('select 1'), queue: () => redis.ping() }),
  }
}

const logQueueError = (log: Logger) => (err: unknown, stage: string) => log.error({ err, stage }, 'queue error')

const PROBE_LIMIT_MS = 2_000

async function missing(probes: Readonly<{ [name: string]: () => Promise<unknown> }>): Promise<readonly string[]> {
  const failed = await Promise.all(
    Object.entries(probes).map(async ([name, probe]) => {
      const late = new Promise<never>((_resolve, reject) => setTimeout(reject, PROBE_LIMIT_MS).unref())
      return await Promise.race([probe(), late]).then(
        () => [],
        () => [name],
      )
    }),
  )
  return failed.flat()
}
