import { access, constants, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { openBackends } from './backends.ts'
import { createClosing, type Closing } from './closing.ts'
import { ConfigError, type Config } from './config.ts'
import { createApi } from './http/api.ts'
import { assessFor } from './pipeline/assemble/assess.ts'
import { createFileArchive } from './pipeline/archive/instance-archive.ts'
import { createPictures } from './pipeline/archive/pictures.ts'
import { createInference, type Inference } from './pipeline/infer/create-inference.ts'
import { loadModelPackage, type ModelPackage } from './pipeline/infer/model-package.ts'
import { dispatchInstance, processStages, sweepStages, type ProcessDeps } from './pipeline/process-study.ts'
import { startSweeper } from './pipeline/dispatch/sweeper.ts'
import { registerInstance } from './record/register-instance.ts'
import { VERSION } from './version.ts'

/** Which parts one process plays: the embedded profile both, the cluster's processes one each. */
export interface Roles {
  readonly api: boolean
  readonly worker: boolean
}

export interface Node {
  /** Where it listens; empty for a worker. */
  readonly url: string
  /** Takes no more, lets what runs end, and closes all in reverse. */
  close(): Promise<void>
}

/** Builds what the process owns and starts it: the only place that names implementations. */
export async function startNode(config: Config, roles: Roles, log: Logger): Promise<Node> {
  const closing = createClosing(log)
  try {
    const url = await open(config, roles, closing, log)
    return { url, close: () => closing.closeAll() }
  } catch (error) {
    await closing.closeAll()
    throw error
  }
}

const now = (): Date => new Date()

async function open(config: Config, roles: Roles, closing: Closing, log: Logger): Promise<string> {
  await makeDataDirectory(config.dataDirectory)
  const packages: ModelPackage[] = []
  for (const name of config.infer.models)
    packages.push(await loadModelPackage(join(config.infer.modelsDirectory, name)))
  const archive = await createFileArchive({
    directory: join(config.dataDirectory, 'archive'),
    headerLimitBytes: config.limits.headerBytes,
    instanceLimitBytes: config.limits.instanceBytes,
  })
  // Opened side by side, since making a database the first time and warming models take seconds each. Owned before the
  // queues, and so closed after them: a job that runs at the end still needs it.
  const inferring = roles.worker ? openInference(config, packages, log) : undefined
  const owned = { inference: inferring?.catch(() => undefined) }
  closing.own(owned, async (it) => (await it.inference)?.close())
  const backends = await openBackends(config, closing, log)
  const inference = await inferring
  const { record, queues } = backends

  if (inference) {
    const deps: ProcessDeps = {
      queues,
      analyse: {
        record,
        archive,
        inference,
        now,
        leaseMs: config.infer.leaseMs,
        maximumAttempts: config.infer.maximumAttempts,
      },
      report: {
        record,
        archive,
        models: packages.map(({ identity }) => identity),
        node: { manufacturer: 'Hilum', modelName: 'Hilum', version: VERSION },
        srSopClass: config.report.srSopClass,
        destinations: config.send.destinations.map(({ name }) => name),
        now,
      },
      send: { record, archive, destinations: config.send.destinations, retryForMs: config.send.retryForMs, now },
      concurrency: { infer: config.infer.threads, report: 1, send: 4 },
      log,
    }
    processStages(deps)
    const onError = (err: unknown) => log.error({ err }, 'sweep failed')
    closing.own(
      startSweeper(() => sweepStages(deps), config.dispatch.sweepIntervalMs, onError),
      (it) => it.stop(),
    )
  }
  if (!roles.api) return ''

  const pictures = closing.own(createPictures({ threads: 1 }), (it) => it.close())
  const policy = {
    ...config.assemble,
    assess: assessFor(packages.map(({ identity, manifest }) => ({ identity, eligibility: manifest.eligibility }))),
  }
  const api = await createApi({
    log,
    token: config.http.token,
    publicUrl: config.http.publicUrl,
    limits: config.limits,
    record,
    archive,
    pictures,
    models: packages.map(({ identity }) => identity),
    now,
    async register(instance) {
      const registered = await registerInstance(record, instance, policy)
      // The row is the promise; a job that could not be queued is found by the sweeper.
      dispatchInstance(queues, instance, registered, config.assemble.studyQuietMs).catch((err: unknown) =>
        log.warn({ err, studyInstanceUid: instance.studyInstanceUid }, 'dispatch left to the sweeper'),
      )
      return registered
    },
    unready: backends.unready,
    about: aboutNode(config, packages, inference),
  })
  closing.own(api, (it) => it.close())
  await listen(api, config)
  const { address, port, family } = api.server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

async function listen(api: FastifyInstance, { http: { host, port } }: Config): Promise<void> {
  try {
    await api.listen({ host, port })
  } catch (cause) {
    throw new ConfigError(`HTTP_PORT: cannot listen on ${host}:${port} (${codeOf(cause)})`, { cause })
  }
}

async function makeDataDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true })
    await access(directory, constants.W_OK)
  } catch (cause) {
    throw new ConfigError(`DATA_DIR: ${directory} cannot be used (${codeOf(cause)})`, { cause })
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'

function openInference({ infer }: Config, packages: readonly ModelPackage[], log: Logger): Promise<Inference> {
  const { provider, fallbackProvider, threads } = infer
  return createInference({ packages, provider, ...(fallbackProvider && { fallbackProvider }), threads, log })
}

const aboutNode = (config: Config, packages: readonly ModelPackage[], inference: Inference | undefined) => ({
  version: VERSION,
  profile: config.profile.kind,
  models: packages.map(({ identity: { name, version, status } }) => ({ name, version, status })),
  ...(inference && { executionProvider: inference.provider }),
})
