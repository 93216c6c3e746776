import { findDelivery, moveDelivery } from '../../record/deliveries.ts'
import type { SopInstanceUid, StudyInstanceUid } from '../../dicom/uid.ts'
import { ArchiveUnavailable } from '../../errors.ts'
import type { Record } from '../../record/record.ts'
import type { InstanceArchive } from '../archive/instance-archive.ts'
import type { Destination } from './destination.ts'
import { storeInstance } from './stow-client.ts'
import type { StoreOutcome } from './store-outcome.ts'

export interface DeliverDeps {
  readonly record: Record
  readonly archive: InstanceArchive
  readonly destinations: readonly Destination[]
  readonly now: () => Date
  /** No attempt is made later than this after the object was made; then the delivery is EXPIRED, and can be replayed. */
  readonly retryForMs: number
}

const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 300_000

export interface DeliveryTurn {
  readonly state: 'DELIVERED' | 'REFUSED' | 'EXPIRED' | 'WAITING'
  readonly lastAnswer: string
  readonly nextAttemptAt?: Date
}

/** Stores one object to one destination and enters how that ended; undefined: there was nothing to do. */
export async function deliver(
  deps: DeliverDeps,
  deliveryId: number,
  signal: AbortSignal,
): Promise<(DeliveryTurn & { readonly attempts: number; readonly priority: number }) | undefined> {
  const row = await findDelivery(deps.record, deliveryId)
  if (!row || row.delivery.state !== 'WAITING' || row.delivery.nextAttemptAt > deps.now()) return undefined
  const attempts = row.delivery.attempts + 1
  const turn = afterAttempt(deps, row.delivery.createdAt, attempts, await attempt(deps, row, signal))
  await moveDelivery(deps.record, deliveryId, turn.state, {
    attempts,
    lastAnswer: turn.lastAnswer,
    ...(turn.nextAttemptAt && { nextAttemptAt: turn.nextAttemptAt }),
    ...(turn.state === 'DELIVERED' && { deliveredAt: deps.now() }),
  })
  return { ...turn, attempts, priority: row.priority }
}

async function attempt(
  deps: DeliverDeps,
  { delivery, instance }: NonNullable<Awaited<ReturnType<typeof findDelivery>>>,
  signal: AbortSignal,
): Promise<StoreOutcome> {
  const destination = deps.destinations.find(({ name }) => name === delivery.destination)
  if (!destination) return { kind: 'refused', reason: 'the destination is not configured any more' }
  const uids = {
    studyInstanceUid: instance.studyInstanceUid as StudyInstanceUid,
    sopInstanceUid: instance.sopInstanceUid as SopInstanceUid,
  }
  const { sizeBytes, sopClassUid, sopInstanceUid } = instance
  const path = deps.archive.pathOf(uids, instance.sha256)
  try {
    return await storeInstance(destination, { path, sizeBytes, sopClassUid, sopInstanceUid }, signal)
  } catch (error) {
    // Counted as an attempt, so that an object that is gone from the archive is not tried for ever.
    if (error instanceof ArchiveUnavailable) return { kind: 'unavailable', reason: error.message }
    throw error
  }
}

/** What follows from an outcome: an end, or the next attempt within `retryForMs` of the object's making. */
export function afterAttempt(
  { now, retryForMs }: Pick<DeliverDeps, 'now' | 'retryForMs'>,
  createdAt: Date,
  attempts: number,
  outcome: StoreOutcome,
): DeliveryTurn {
  switch (outcome.kind) {
    case 'stored':
      return { state: 'DELIVERED', lastAnswer: outcome.warning ?? 'stored' }
    case 'refused':
      return { state: 'REFUSED', lastAnswer: outcome.reason }
    case 'unavailable': {
      const wait = Math.max(outcome.retryAfterMs ?? 0, retryDelayMs(attempts, Math.random()))
      const nextAttemptAt = new Date(now().getTime() + wait)
      if (nextAttemptAt.getTime() > createdAt.getTime() + retryForMs)
        return { state: 'EXPIRED', lastAnswer: outcome.reason }
      return { state: 'WAITING', lastAnswer: outcome.reason, nextAttemptAt }
    }
  }
}

/** Doubles from one second to five minutes; `jitter` (0 to 1) takes up to half of it, so that senders spread out. */
export function retryDelayMs(attempts: number, jitter: number): number {
  const full = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempts - 1, 30))
  return full * (1 - jitter / 2)
}
