import { and, asc, desc, eq, getTableColumns, lt, or } from 'drizzle-orm'
import { deliveries, instances, results, studies } from './schema.ts'
import { studyForReport } from './study-for-report.ts'
import type { Record } from './record.ts'

/** Where a page of studies begins: after this study, newest first. */
export interface StudyCursor {
  readonly lastReceivedAt: Date
  readonly studyInstanceUid: string
}

/** Studies, the newest first. */
export function listStudies(record: Record, limit: number, after: StudyCursor | undefined) {
  const older =
    after &&
    or(
      lt(studies.lastReceivedAt, after.lastReceivedAt),
      and(eq(studies.lastReceivedAt, after.lastReceivedAt), lt(studies.studyInstanceUid, after.studyInstanceUid)),
    )
  return record
    .select()
    .from(studies)
    .where(older)
    .orderBy(desc(studies.lastReceivedAt), desc(studies.studyInstanceUid))
    .limit(limit)
}

/** All that the record knows of one study, or null. */
export async function viewStudy(record: Record, studyInstanceUid: string) {
  const found = await studyForReport(record, studyInstanceUid)
  if (!found) return null
  return {
    study: found.study,
    images: found.images,
    results: await record
      .select({ ...getTableColumns(results), seriesInstanceUid: instances.seriesInstanceUid })
      .from(results)
      .innerJoin(instances, eq(instances.sopInstanceUid, results.sopInstanceUid))
      .where(eq(results.studyInstanceUid, studyInstanceUid))
      .orderBy(asc(results.instanceNumber), asc(results.kind), asc(results.sopInstanceUid)),
    deliveries: await record
      .select()
      .from(deliveries)
      .where(eq(deliveries.studyInstanceUid, studyInstanceUid))
      .orderBy(asc(deliveries.id)),
  }
}

export type StudyView = NonNullable<Awaited<ReturnType<typeof viewStudy>>>
