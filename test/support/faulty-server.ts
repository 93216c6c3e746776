import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server that answers as a test says, for the faults that a healthy PACS never shows. */
export async function withServer<T>(
  answer: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>,
  use: (url: URL) => Promise<T>,
): Promise<T> {
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    return await use(new URL(`http://127.0.0.1:${port}/dicom-web/studies`))
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

/** Everything of a request body. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
