import { and, eq, inArray, sql } from 'drizzle-orm'
import type { DicomJson } from '../dicom/dataset.ts'
import type { SeriesInstanceUid, SopInstanceUid, StudyInstanceUid } from '../dicom/uid.ts'
import type { Record } from './record.ts'
import { instances, series } from './schema.ts'

/** A study, one of its series, or one instance of that. */
export interface RetrieveAddress {
  readonly studyInstanceUid: StudyInstanceUid
  readonly seriesInstanceUid?: SeriesInstanceUid | undefined
  readonly sopInstanceUid?: SopInstanceUid | undefined
}

/** What must be known to give an instance's bytes away. */
export interface StoredInstance {
  readonly studyInstanceUid: StudyInstanceUid
  readonly seriesInstanceUid: SeriesInstanceUid
  readonly sopInstanceUid: SopInstanceUid
  readonly transferSyntaxUid: string
  readonly sha256: string
  readonly sizeBytes: number
  readonly numberOfFrames: number
  readonly hasPixels: boolean
}

/** In the order of series and instance numbers; empty when there is nothing under that address. */
export async function listInstances(record: Record, address: RetrieveAddress): Promise<readonly StoredInstance[]> {
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = address
  const rows = await record
    .select({
      studyInstanceUid: instances.studyInstanceUid,
      seriesInstanceUid: instances.seriesInstanceUid,
      sopInstanceUid: instances.sopInstanceUid,
      transferSyntaxUid: instances.transferSyntaxUid,
      sha256: instances.sha256,
      sizeBytes: instances.sizeBytes,
      frames: sql<unknown>`instances.header #> '{00280008,Value,0}'`,
      rows: sql<unknown>`instances.header #> '{00280010,Value,0}'`,
    })
    .from(instances)
    .innerJoin(series, eq(instances.seriesInstanceUid, series.seriesInstanceUid))
    .where(
      and(
        eq(instances.studyInstanceUid, studyInstanceUid),
        seriesInstanceUid === undefined ? undefined : eq(instances.seriesInstanceUid, seriesInstanceUid),
        sopInstanceUid === undefined ? undefined : eq(instances.sopInstanceUid, sopInstanceUid),
      ),
    )
    .orderBy(
      sql`series.attributes #> '{00200011,Value,0}' nulls last`,
      series.seriesInstanceUid,
      sql`instances.header #> '{00200013,Value,0}' nulls last`,
      instances.sopInstanceUid,
    )
  return rows.map(({ frames, rows: height, ...row }) => ({
    ...row,
    studyInstanceUid: row.studyInstanceUid as StudyInstanceUid,
    seriesInstanceUid: row.seriesInstanceUid as SeriesInstanceUid,
    sopInstanceUid: row.sopInstanceUid as SopInstanceUid,
    numberOfFrames: typeof frames === 'number' && frames >= 1 ? Math.trunc(frames) : 1,
    hasPixels: typeof height === 'number' && height > 0,
  }))
}

/** The headers of some instances, by SOP Instance UID. */
export async function headersOf(
  record: Record,
  sopInstanceUids: readonly SopInstanceUid[],
): Promise<ReadonlyMap<string, DicomJson>> {
  const rows = await record
    .select({ sopInstanceUid: instances.sopInstanceUid, header: instances.header })
    .from(instances)
    .where(inArray(instances.sopInstanceUid, [...sopInstanceUids]))
  return new Map(rows.map(({ sopInstanceUid, header }) => [sopInstanceUid, header]))
}
