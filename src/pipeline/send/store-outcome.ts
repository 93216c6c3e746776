import type { StoreAnswer } from './store-answer.ts'

/** What became of one instance at one destination. Reasons carry status and codes only, never the peer's own text. */
export type StoreOutcome =
  | { readonly kind: 'stored'; readonly warning?: string }
  /** Sending the same bytes again changes nothing. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Not known to be stored; sending again may help and does no harm (the same UID has the same bytes). */
  | { readonly kind: 'unavailable'; readonly reason: string; readonly retryAfterMs?: number }

/**
 * An outcome, or what is decided by asking for the instance (QIDO-RS): no to what may be there already, a yes that may
 * be none (Orthanc's DICOMweb plugin 1.7 names instances as stored that a filter turned away), or no word at all.
 */
export type Verdict =
  | StoreOutcome
  | {
      readonly kind: 'unsettled'
      readonly ifPresent: StoreOutcome
      readonly ifAbsent: StoreOutcome
      readonly ifUnknown: StoreOutcome
    }

/** The verdict of an HTTP status and body on one instance (PS3.18 tables 10.5.3-1 and I.2-2). */
export function judge(status: number, answer: StoreAnswer | undefined, sopInstanceUid: string): Verdict {
  if (status === 401 || status === 403) return { kind: 'refused', reason: `${status}: the sign-in was not accepted` }
  if (status >= 300 && status < 400) return { kind: 'refused', reason: `${status}: redirects are not followed` }
  if (status === 429 || status === 408 || (status >= 500 && status !== 501 && status !== 505)) {
    return { kind: 'unavailable', reason: `answered ${status}` }
  }
  if (answer?.failed.has(sopInstanceUid) === true) return failure(status, answer.failed.get(sopInstanceUid))
  if (answer?.stored.has(sopInstanceUid) === true) return success(answer.stored.get(sopInstanceUid))
  if (status === 200) return unnamed('200 did not name the instance', { kind: 'stored', warning: UNPROVEN })
  if (status < 300) {
    const reason = `${status} did not name the instance`
    return unnamed(reason, { kind: 'unavailable', reason })
  }
  const refused: StoreOutcome = { kind: 'refused', reason: `answered ${status}` }
  return status === 409 ? refusedUnlessPresent(refused) : refused
}

const ALREADY_PRESENT: StoreOutcome = { kind: 'stored', warning: 'already present' }
const UNPROVEN = 'the answer did not name the instance, and the destination cannot be asked for it'

function success(warning: number | undefined): Verdict {
  const stored: StoreOutcome =
    warning === undefined ? { kind: 'stored' } : { kind: 'stored', warning: `warning ${hexadecimal(warning)}` }
  const lost: StoreOutcome = { kind: 'unavailable', reason: 'named as stored, and it is not there' }
  return { kind: 'unsettled', ifPresent: stored, ifAbsent: lost, ifUnknown: stored }
}

/** 0110 processing failure and A7xx out of resources pass; all else stays as it is, unless the instance is there. */
function failure(status: number, code: number | undefined): Verdict {
  const reason = `${status} with failure ${code === undefined ? 'without a code' : hexadecimal(code)}`
  const passes = code === 0x0110 || (code !== undefined && code >> 8 === 0xa7)
  return refusedUnlessPresent({ kind: passes ? 'unavailable' : 'refused', reason })
}

function refusedUnlessPresent(outcome: StoreOutcome): Verdict {
  return { kind: 'unsettled', ifPresent: ALREADY_PRESENT, ifAbsent: outcome, ifUnknown: outcome }
}

/** Some archives answer 200 and keep nothing: what is absent is sent again, and ends in the retries' end. */
function unnamed(reason: string, ifUnknown: StoreOutcome): Verdict {
  const ifAbsent: StoreOutcome = { kind: 'unavailable', reason: `${reason}, and it is not there` }
  return { kind: 'unsettled', ifPresent: ALREADY_PRESENT, ifAbsent, ifUnknown }
}

function hexadecimal(code: number): string {
  return code.toString(16).toUpperCase().padStart(4, '0')
}
