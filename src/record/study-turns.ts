import { and, asc, eq, inArray, lte, notExists, or, sql } from 'drizzle-orm'
import { analyses, studies } from './schema.ts'
import { studyStatesBefore } from './states.ts'
import type { Record } from './record.ts'

/**
 * Studies whose quiet period is over and whose report is not made; of those that were found to wait for analyses, only
 * such as wait no more: under load the others are many, and would hide the rest.
 */
export function dueStudies(record: Record, now: Date, limit: number) {
  const open = record
    .select({ id: analyses.id })
    .from(analyses)
    .where(
      and(eq(analyses.studyInstanceUid, studies.studyInstanceUid), inArray(analyses.state, ['WAITING', 'RUNNING'])),
    )
  return record
    .select({
      studyInstanceUid: studies.studyInstanceUid,
      settleDueAt: studies.settleDueAt,
      priority: studies.priority,
    })
    .from(studies)
    .where(
      and(
        or(eq(studies.state, 'RECEIVING'), and(eq(studies.state, 'ANALYSING'), notExists(open))),
        lte(studies.settleDueAt, now),
      ),
    )
    .orderBy(asc(studies.priority), asc(studies.settleDueAt))
    .limit(limit)
}

/** Moves the study on from `RECEIVING` (or `ANALYSING`), but only while its newest instance is the one that was looked at. */
export async function moveStudy(
  record: Record,
  studyInstanceUid: string,
  to: 'ANALYSING' | 'NOT_ELIGIBLE' | 'FAILED',
  lastReceivedAt: Date,
): Promise<void> {
  await record
    .update(studies)
    .set({ state: to, settledAt: sql`${studies.settleDueAt}` })
    .where(
      and(
        eq(studies.studyInstanceUid, studyInstanceUid),
        inArray(studies.state, studyStatesBefore(to)),
        eq(studies.lastReceivedAt, lastReceivedAt),
      ),
    )
}
