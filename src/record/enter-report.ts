import { and, eq, inArray, sql } from 'drizzle-orm'
import type { DicomJson } from '../dicom/dataset.ts'
import { deliveries, instances, results, series, studies } from './schema.ts'
import { SERIES_TAGS, pick } from './levels.ts'
import { studyStatesBefore } from './states.ts'
import type { Record } from './record.ts'

export interface ProducedInstance {
  readonly kind: 'SR' | 'GSPS'
  readonly sopClassUid: string
  readonly sopInstanceUid: string
  readonly seriesInstanceUid: string
  readonly transferSyntaxUid: string
  readonly sourceSopInstanceUid: string | null
  readonly sha256: string
  readonly sizeBytes: number
  readonly header: DicomJson
}

export interface ReportToEnter {
  readonly studyInstanceUid: string
  readonly reportKey: string
  readonly instanceNumber: number
  readonly objects: readonly ProducedInstance[]
  readonly destinations: readonly string[]
  readonly now: Date
  /** The newest instance that the report looked at: had another come since, the study stays open. */
  readonly lastReceivedAt: Date
}

/** Enters a report and its deliveries at once, and ends the study's turn unless an instance came meanwhile. */
export function enterReport(record: Record, report: ReportToEnter): Promise<readonly { readonly id: number }[]> {
  return record.transaction(async (tx) => {
    for (const object of report.objects) await enterResult(tx, report, object)
    const made = await enterDeliveries(tx, report)
    await tx
      .update(studies)
      .set({
        state: 'REPORTED',
        reportedAt: report.now,
        settledAt: sql`${studies.settleDueAt}`,
        reportKey: report.reportKey,
      })
      .where(
        and(
          eq(studies.studyInstanceUid, report.studyInstanceUid),
          inArray(studies.state, studyStatesBefore('REPORTED')),
          eq(studies.lastReceivedAt, report.lastReceivedAt),
        ),
      )
    return made
  })
}

async function enterResult(tx: Record, report: ReportToEnter, object: ProducedInstance): Promise<void> {
  const { studyInstanceUid, reportKey, instanceNumber, now } = report
  const { kind, sourceSopInstanceUid, ...instance } = object
  await tx
    .insert(series)
    .values({
      seriesInstanceUid: object.seriesInstanceUid,
      studyInstanceUid,
      attributes: pick(object.header, SERIES_TAGS),
    })
    .onConflictDoNothing()
  await tx
    .insert(instances)
    .values({ ...instance, studyInstanceUid, origin: 'PRODUCED', reasons: ['OWN_OUTPUT'], receivedAt: now })
    .onConflictDoNothing()
  await tx
    .insert(results)
    .values({
      sopInstanceUid: object.sopInstanceUid,
      studyInstanceUid,
      kind,
      sourceSopInstanceUid,
      reportKey,
      instanceNumber,
      createdAt: now,
    })
    .onConflictDoNothing()
}

function enterDeliveries(tx: Record, { objects, destinations, studyInstanceUid, now }: ReportToEnter) {
  const rows = objects.flatMap(({ sopInstanceUid }) =>
    destinations.map((destination) => ({
      sopInstanceUid,
      studyInstanceUid,
      destination,
      state: 'WAITING' as const,
      createdAt: now,
      nextAttemptAt: now,
    })),
  )
  if (rows.length === 0) return []
  return tx.insert(deliveries).values(rows).onConflictDoNothing().returning({ id: deliveries.id })
}
