import { request } from 'undici'

import { destinationHeaders, instanceQueryAddress } from './destination.ts'
import type { Destination } from './destination.ts'
import { readAtMost } from './read-at-most.ts'

/** Asks by QIDO-RS whether the destination holds the instance; undefined when it cannot be asked. */
export async function isPresent(
  destination: Destination,
  sopInstanceUid: string,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  try {
    const response = await request(instanceQueryAddress(destination, sopInstanceUid), {
      headers: { ...destinationHeaders(destination), accept: 'application/dicom+json' },
      headersTimeout: 15_000,
      bodyTimeout: 15_000,
      signal,
    })
    const body = await readAtMost(response.body, 4 * 1024 * 1024)
    if (response.statusCode === 204) return false
    if (response.statusCode !== 200) return undefined
    const matches: unknown = JSON.parse(body)
    // Compared here too: a server that ignores the filter lists what else it has.
    return Array.isArray(matches) ? matches.some((match) => sopInstanceUidOf(match) === sopInstanceUid) : undefined
  } catch {
    signal.throwIfAborted()
    return undefined // Whatever went wrong with the question, the answer is not known; the store's own answer stands.
  }
}

function sopInstanceUidOf(match: unknown): string | undefined {
  const element = isRecord(match) ? match['00080018'] : undefined
  const values = isRecord(element) ? element['Value'] : undefined
  const value: unknown = Array.isArray(values) ? values[0] : undefined
  return typeof value === 'string' ? value.trim() : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
