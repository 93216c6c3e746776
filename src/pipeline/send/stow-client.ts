import { request } from 'undici'

import { ArchiveUnavailable } from '../../errors.ts'
import { isPresent } from './already-present.ts'
import { destinationHeaders, storeAddress } from './destination.ts'
import type { Destination } from './destination.ts'
import { multipartBody } from './multipart-body.ts'
import { readAtMost } from './read-at-most.ts'
import { readStoreAnswer } from './store-answer.ts'
import { judge } from './store-outcome.ts'
import type { StoreOutcome } from './store-outcome.ts'

export interface OutgoingFile {
  /** A Part 10 file. */
  readonly path: string
  readonly sizeBytes: number
  readonly sopClassUid: string
  readonly sopInstanceUid: string
}

/**
 * Stores one instance by STOW-RS and says what became of it; an answer of the peer is never an exception.
 * Throws only when `signal` ends it, or ArchiveUnavailable when the file cannot be read as it was announced.
 */
export async function storeInstance(
  destination: Destination,
  file: OutgoingFile,
  signal: AbortSignal,
): Promise<StoreOutcome> {
  const outcomes = await storeInstances(destination, [file], signal)
  return outcomes.get(file.sopInstanceUid) ?? { kind: 'unavailable', reason: 'no outcome' }
}

/** The same for several instances in one request; one outcome a SOP Instance UID. */
export async function storeInstances(
  destination: Destination,
  files: readonly OutgoingFile[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, StoreOutcome>> {
  const outcomes = new Map<string, StoreOutcome>()
  const response = await post(destination, files, signal)
  for (const { sopInstanceUid } of files) {
    outcomes.set(sopInstanceUid, await outcomeOf(destination, response, sopInstanceUid, signal))
  }
  return outcomes
}

type Answered = { readonly status: number; readonly body: string; readonly retryAfterMs: number | undefined }
type Unanswered = { readonly unreachable: string }

async function outcomeOf(
  destination: Destination,
  response: Answered | Unanswered,
  sopInstanceUid: string,
  signal: AbortSignal,
): Promise<StoreOutcome> {
  if ('unreachable' in response) return { kind: 'unavailable', reason: response.unreachable }
  const verdict = judge(response.status, readStoreAnswer(response.body), sopInstanceUid)
  if (verdict.kind !== 'unsettled') return withRetryAfter(verdict, response.retryAfterMs)
  const present = destination.confirm === false ? undefined : await isPresent(destination, sopInstanceUid, signal)
  switch (present) {
    case true:
      return verdict.ifPresent
    case false:
      return withRetryAfter(verdict.ifAbsent, response.retryAfterMs)
    case undefined:
      return withRetryAfter(verdict.ifUnknown, response.retryAfterMs)
  }
}

async function post(
  destination: Destination,
  files: readonly OutgoingFile[],
  signal: AbortSignal,
): Promise<Answered | Unanswered> {
  const body = multipartBody(files)
  const silenceLimitMs = destination.silenceLimitMs ?? 60_000
  try {
    const response = await request(storeAddress(destination), {
      method: 'POST',
      headers: {
        ...destinationHeaders(destination),
        accept: 'application/dicom+json, application/dicom+xml;q=0.5',
        'content-type': body.contentType,
        'content-length': String(body.contentLength),
      },
      body: body.stream,
      headersTimeout: silenceLimitMs,
      bodyTimeout: silenceLimitMs,
      signal,
    })
    return {
      status: response.statusCode,
      body: await readAtMost(response.body, ANSWER_LIMIT_BYTES),
      retryAfterMs: retryAfterMs(response.headers['retry-after']),
    }
  } catch (cause) {
    signal.throwIfAborted()
    const code = errorCode(cause)
    if (FILE_FAULTS.has(code)) throw new ArchiveUnavailable('an archived file cannot be read as announced', { cause })
    // Also when the connection is lost after the last byte: whether it was stored is unknown, and sending again is safe.
    return { unreachable: `no answer: ${code}` }
  }
}

const ANSWER_LIMIT_BYTES = 4 * 1024 * 1024
const FILE_FAULTS = new Set(['ENOENT', 'EACCES', 'EISDIR', 'EIO', 'EMFILE', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH'])

/** The code alone: a message may carry the address with what was put into it. */
function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown failure'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

function withRetryAfter(outcome: StoreOutcome, waitMs: number | undefined): StoreOutcome {
  return outcome.kind === 'unavailable' && waitMs !== undefined ? { ...outcome, retryAfterMs: waitMs } : outcome
}

/** Seconds, or a date (RFC 9110 10.2.3); an hour at most, so that a wrong clock there cannot park a delivery here. */
function retryAfterMs(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string') return undefined
  const waitMs = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), 3_600_000)
}
