import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { freePort } from '../test/support/free-port.ts'
import { startServerProcess } from '../test/support/server-process.ts'

export interface NodeProcess {
  readonly url: string
  /** From the start of the process to the first answer of /health/ready with 200. */
  readonly readyMs: number
  close(): Promise<void>
}

/** `hilum start` from dist/, which `npm run bench` builds, in a process of its own, as a site runs it; keeps `dataDirectory` when one is given. */
export async function startNode(
  env: Readonly<Record<string, string>> = {},
  dataDirectory?: string,
): Promise<NodeProcess> {
  const folder = dataDirectory ?? (await mkdtemp(join(tmpdir(), 'hilum-bench-')))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const settings = { HTTP_PORT: String(port), DATA_DIR: folder, LOG_LEVEL: 'warn', ...env }
  const started = performance.now()
  const server = await startServerProcess({
    command: 'env',
    args: [
      ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
      ...[process.execPath, 'dist/main.js', 'start'],
    ],
    cwd: join(import.meta.dirname, '..'),
    isReady: async () => (await fetch(`${url}/health/ready`)).ok,
  })
  const readyMs = performance.now() - started
  return {
    url,
    readyMs,
    close: async () => {
      await server.close()
      if (dataDirectory === undefined) await rm(folder, { recursive: true, force: true })
    },
  }
}
