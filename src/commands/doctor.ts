import { existsSync } from 'node:fs'
import { access, constants, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { Redis } from 'ioredis'
import pg from 'pg'
import { loadConfig, type Config } from '../config.ts'
import { createInference } from '../pipeline/infer/create-inference.ts'
import { loadModelPackage } from '../pipeline/infer/model-package.ts'
import { createLogger } from '../logger.ts'

interface Check {
  readonly name: string
  readonly run: () => Promise<string>
}

/** `hilum doctor`: tries what the configuration names and says what does not answer; makes the data folder, changes nothing else. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check configuration, disk, database, queue, models and PACS')
    .action(async () => {
      const config = loadConfig()
      for (const check of checksOf(config)) {
        try {
          console.log(`ok    ${check.name}: ${await check.run()}`)
        } catch (error) {
          process.exitCode = 1
          console.log(`FAIL  ${check.name}: ${error instanceof Error ? error.message : String(error)}`)
        }
      }
    })
}

function checksOf(config: Config): readonly Check[] {
  const { profile, send, infer } = config
  return [
    { name: 'configuration', run: async () => `${profile.kind} profile` },
    { name: 'data directory', run: () => checkDisk(config.dataDirectory) },
    ...(profile.kind === 'cluster'
      ? [
          { name: 'PostgreSQL', run: () => checkPostgres(profile.databaseUrl) },
          { name: 'Redis', run: () => checkRedis(profile.redisUrl) },
        ]
      : []),
    ...infer.models.map((name) => ({ name: `model ${name}`, run: () => checkModel(config, name) })),
    ...send.destinations.map(({ name, stowUrl }) => ({ name: `PACS ${name}`, run: () => checkPacs(stowUrl) })),
  ]
}

async function checkDisk(directory: string): Promise<string> {
  // Not made here: Node's recursive mkdir never ends below some system folders.
  const present = existsSync(directory) ? directory : dirname(directory)
  await access(present, constants.W_OK)
  const { bavail, bsize } = await statfs(present)
  return `${directory} is writable, ${Math.round((bavail * bsize) / 1e9)} GB free`
}

async function checkPostgres(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  await client.connect()
  try {
    const { rows } = await client.query<{ server_version: string }>('show server_version')
    return `version ${rows[0]?.server_version ?? 'unknown'}`
  } finally {
    await client.end()
  }
}

async function checkRedis(url: string): Promise<string> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  try {
    await redis.connect()
    return await redis.ping()
  } finally {
    redis.disconnect()
  }
}

async function checkModel({ infer }: Config, name: string): Promise<string> {
  const modelPackage = await loadModelPackage(join(infer.modelsDirectory, name))
  const { provider, fallbackProvider } = infer
  const inference = await createInference({
    packages: [modelPackage],
    provider,
    ...(fallbackProvider && { fallbackProvider }),
    threads: 1,
    log: createLogger('silent'),
  })
  await inference.close()
  return `version ${modelPackage.identity.version}, ${modelPackage.identity.status}, runs on ${inference.provider}`
}

async function checkPacs(url: URL): Promise<string> {
  try {
    const response = await fetch(url, { method: 'OPTIONS', redirect: 'manual', signal: AbortSignal.timeout(5000) })
    return `${url.host} answers (${response.status})`
  } catch (failure) {
    const cause = failure instanceof Error ? failure.cause : undefined
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no answer within 5 s'
    throw new Error(`${url.host} does not answer: ${code}`, { cause: failure })
  }
}
