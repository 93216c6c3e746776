import { and, asc, eq, inArray, lte } from 'drizzle-orm'
import { deliveries, instances, studies } from './schema.ts'
import { deliveryStatesBefore, type DeliveryState } from './states.ts'
import type { Record } from './record.ts'

/** A delivery with what is needed to send it. */
export async function findDelivery(record: Record, id: number) {
  const [row] = await record
    .select({ delivery: deliveries, instance: instances, priority: studies.priority })
    .from(deliveries)
    .innerJoin(instances, eq(instances.sopInstanceUid, deliveries.sopInstanceUid))
    .innerJoin(studies, eq(studies.studyInstanceUid, deliveries.studyInstanceUid))
    .where(eq(deliveries.id, id))
  return row
}

/** Enters how an attempt ended; `WAITING` with a later `nextAttemptAt` is a retry. */
export async function moveDelivery(
  record: Record,
  id: number,
  to: DeliveryState,
  change: {
    readonly attempts: number
    readonly lastAnswer: string
    readonly nextAttemptAt?: Date
    readonly deliveredAt?: Date
  },
): Promise<void> {
  await record
    .update(deliveries)
    .set({ state: to, ...change })
    .where(and(eq(deliveries.id, id), inArray(deliveries.state, deliveryStatesBefore(to))))
}

/** Deliveries whose next attempt is due. */
export function dueDeliveries(record: Record, now: Date, limit: number) {
  return record
    .select({ id: deliveries.id, attempts: deliveries.attempts, priority: studies.priority })
    .from(deliveries)
    .innerJoin(studies, eq(studies.studyInstanceUid, deliveries.studyInstanceUid))
    .where(and(eq(deliveries.state, 'WAITING'), lte(deliveries.nextAttemptAt, now)))
    .orderBy(asc(studies.priority), asc(deliveries.nextAttemptAt))
    .limit(limit)
}
