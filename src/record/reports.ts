import { and, asc, desc, eq, inArray, lte, notInArray, sql } from 'drizzle-orm'
import type { Finding } from '../pipeline/localize/finding.ts'
import type { DicomJson } from '../dicom/dataset.ts'
import { analyses, deliveries, findings, instances, results, series, studies } from './schema.ts'
import { SERIES_TAGS, pick } from './levels.ts'
import { studyStatesBefore } from './states.ts'
import type { Record } from './record.ts'

type InstanceRow = typeof instances.$inferSelect
type AnalysisRow = typeof analyses.$inferSelect

/** Everything that a study's report is made of, in a total order. */
export interface StudyForReport {
  readonly study: typeof studies.$inferSelect
  readonly images: readonly (InstanceRow & {
    readonly analyses: readonly (AnalysisRow & { readonly findings: readonly Finding[] })[]
  })[]
  readonly earlier: readonly {
    readonly sopInstanceUid: string
    readonly sopClassUid: string
    readonly seriesInstanceUid: string
    readonly kind: 'SR' | 'GSPS'
    readonly instanceNumber: number
    readonly reportKey: string
  }[]
}

/** Reads the received instances of the study with their analyses and findings, and the results made so far. */
export async function studyForReport(record: Record, studyInstanceUid: string): Promise<StudyForReport | null> {
  const study = await record.query.studies.findFirst({ where: eq(studies.studyInstanceUid, studyInstanceUid) })
  if (!study) return null
  const images = await record.query.instances.findMany({
    where: and(eq(instances.studyInstanceUid, studyInstanceUid), eq(instances.origin, 'RECEIVED')),
    orderBy: asc(instances.sopInstanceUid),
  })
  const runs = await record.query.analyses.findMany({
    where: and(eq(analyses.studyInstanceUid, studyInstanceUid), notInArray(analyses.state, ['SUPERSEDED'])),
    orderBy: [asc(analyses.modelName), asc(analyses.modelVersion), asc(analyses.id)],
  })
  const said =
    runs.length === 0
      ? []
      : await record.query.findings.findMany({
          where: inArray(
            findings.analysisId,
            runs.map(({ id }) => id),
          ),
          orderBy: [asc(findings.analysisId), asc(findings.ordinal)],
        })
  const findingsOf = groupedBy(said, ({ analysisId }) => analysisId)
  const runsOf = groupedBy(runs, ({ sopInstanceUid }) => sopInstanceUid)
  return {
    study,
    images: images.map((image) => ({
      ...image,
      analyses: (runsOf.get(image.sopInstanceUid) ?? []).map((run) => ({
        ...run,
        findings: findingsOf.get(run.id) ?? [],
      })),
    })),
    earlier: await earlierResults(record, studyInstanceUid),
  }
}

/** `Map.groupBy`, which Node 20 lacks. */
function groupedBy<Row, Key>(rows: readonly Row[], keyOf: (row: Row) => Key): Map<Key, Row[]> {
  const groups = new Map<Key, Row[]>()
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row])
  return groups
}

function earlierResults(record: Record, studyInstanceUid: string) {
  return record
    .select({
      sopInstanceUid: results.sopInstanceUid,
      sopClassUid: instances.sopClassUid,
      seriesInstanceUid: instances.seriesInstanceUid,
      kind: results.kind,
      instanceNumber: results.instanceNumber,
      reportKey: results.reportKey,
    })
    .from(results)
    .innerJoin(instances, eq(instances.sopInstanceUid, results.sopInstanceUid))
    .where(eq(results.studyInstanceUid, studyInstanceUid))
    .orderBy(desc(results.instanceNumber))
}

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

/** Studies whose quiet period is over and whose report is not made. */
export function dueStudies(record: Record, now: Date, limit: number) {
  return record
    .select({
      studyInstanceUid: studies.studyInstanceUid,
      settleDueAt: studies.settleDueAt,
      priority: studies.priority,
    })
    .from(studies)
    .where(and(inArray(studies.state, ['RECEIVING', 'ANALYSING']), lte(studies.settleDueAt, now)))
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
