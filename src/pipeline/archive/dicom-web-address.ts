import type { FastifyRequest } from 'fastify'

/**
 * The public address of the DICOMweb root, without a slash at its end. Some clients send a Host without its port, so
 * a configured address goes before it.
 */
export function dicomWebAddress(
  { protocol, host }: FastifyRequest,
  prefix: string,
  publicUrl: URL | undefined,
): string {
  return (publicUrl?.href ?? `${protocol}://${host}${prefix}`).replace(/\/+$/, '')
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
