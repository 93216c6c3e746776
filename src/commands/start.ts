import closeWithGrace from 'close-with-grace'
import { Command } from 'commander'
import type { Logger } from 'pino'
import { loadConfig, type Config } from '../config.ts'
import { startNode, type Node, type Roles } from '../context.ts'
import { createLogger } from '../logger.ts'

/** Starts the embedded profile in this process; the caller closes it. */
export function startEmbedded(config: Config, log: Logger = createLogger(config.logLevel)): Promise<Node> {
  return startNode(config, { api: true, worker: true }, log)
}

/** `hilum start`: everything in one process. */
export const startCommand = (): Command =>
  command('start', 'run everything in this one process', { api: true, worker: true })

/** `hilum api`: takes, keeps and serves; needs DATABASE_URL and REDIS_URL. */
export const apiCommand = (): Command =>
  command('api', 'run the web part of the cluster profile', { api: true, worker: false })

/** `hilum worker`: infers, reports and sends; needs DATABASE_URL and REDIS_URL. */
export const workerCommand = (): Command =>
  command('worker', 'run a worker of the cluster profile', { api: false, worker: true })

function command(name: string, description: string, roles: Roles): Command {
  return new Command(name).description(description).action(async () => {
    const config = loadConfig()
    if (config.profile.kind === 'embedded' && !(roles.api && roles.worker)) {
      throw new Error(
        `hilum ${name} is a part of the cluster profile: set DATABASE_URL and REDIS_URL, or use hilum start`,
      )
    }
    const log = createLogger(config.logLevel)
    const node = await startNode(config, roles, log)
    log.info({ url: node.url, profile: config.profile.kind, roles, dataDirectory: config.dataDirectory }, 'ready')
    closeWithGrace({ delay: config.shutdownMs, logger: false }, async ({ err, signal }) => {
      if (err) log.fatal({ err }, 'stopping after a failure')
      else log.info({ signal }, 'stopping')
      await node.close()
    })
  })
}
