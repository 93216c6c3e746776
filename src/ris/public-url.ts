import type { FastifyRequest } from 'fastify'

/** The address of the DICOMweb root for clients, without a slash at its end: as configured, else as this client says it. */
export function publicDicomwebUrl(publicUrl: URL | undefined, request: FastifyRequest): string {
  const base = publicUrl ? publicUrl.href.replace(/\/$/, '') : `${request.protocol}://${request.host}`
  return `${base}/dicom-web`
}
