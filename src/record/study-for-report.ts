import { and, asc, desc, eq, inArray, notInArray } from 'drizzle-orm'
import type { Finding } from '../pipeline/localize/finding.ts'
import { analyses, findings, instances, results, studies } from './schema.ts'
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
