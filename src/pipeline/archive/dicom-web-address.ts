import type { FastifyRequest } from 'fastify'

const LOOPBACK_WITHOUT_PORT = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/i

/**
 * The public address of the DICOMweb root, without a slash at its end. A configured one goes first, for some clients
 * send a Host without its port; on loopback, where nothing stands between, our own port is the one they left out.
 */
export function dicomWebAddress(
  { protocol, host, socket }: FastifyRequest,
  prefix: string,
  publicUrl: URL | undefined,
): string {
  const port = LOOPBACK_WITHOUT_PORT.test(host) && socket.localPort !== undefined ? `:${socket.localPort}` : ''
  return (publicUrl?.href ?? `${protocol}://${host}${port}${prefix}`).replace(/\/+$/, '')
}

/** Where a study, series or instance can be retrieved (PS3.18 table 10.4.1-1). */
export function retrieveUrl(
  base: string,
  studyInstanceUid: string,
  seriesInstanceUid?: string,
  sopInstanceUid?: string,
): string {
  const series = seriesInstanceUid === undefined ? '' : `/series/${seriesInstanceUid}`
  const instance = sopInstanceUid === undefined ? '' : `/instances/${sopInstanceUid}`
  return `${base}/studies/${studyInstanceUid}${series}${instance}`
}
