import { eq, sql } from 'drizzle-orm'
import type { DicomJson } from '../dicom/dataset.ts'
import type { InstanceHeader } from '../dicom/part10-header.ts'
import { priorityOf } from '../dicom/requested-priority.ts'
import { PATIENT_AND_STUDY_TAGS, SERIES_TAGS, pick } from './levels.ts'
import { series, studies } from './schema.ts'
import type { Record } from './record.ts'

/** An instance whose bytes are in the archive. */
export interface NewInstance extends InstanceHeader {
  readonly sha256: string
  readonly sizeBytes: number
  readonly receivedAt: Date
}

export interface SettlePolicy {
  /** How long a study must have been quiet before it settles. */
  readonly studyQuietMs: number
  /** When it settles at the latest, counted from the first instance since its last report. */
  readonly studyMaxWaitMs: number
}

/**
 * Locks the study's row: instances of one study are registered one after the other, whoever sends them. The lock lets
 * foreign keys point at the row: a report that is entered meanwhile and ends with an update of it would else deadlock.
 */
export async function enterStudy(tx: Record, instance: NewInstance, policy: SettlePolicy) {
  const priority = priorityOf(instance.header)
  await tx
    .insert(studies)
    .values({
      studyInstanceUid: instance.studyInstanceUid,
      attributes: pick(instance.header, PATIENT_AND_STUDY_TAGS),
      state: 'RECEIVING',
      firstReceivedAt: instance.receivedAt,
      lastReceivedAt: instance.receivedAt,
      settleDueAt: new Date(instance.receivedAt.getTime() + policy.studyQuietMs),
      priority,
    })
    // The most urgent order among a study's images holds for all of it.
    .onConflictDoUpdate({
      target: studies.studyInstanceUid,
      set: { priority: sql`least(${studies.priority}, ${priority})` },
    })
  const [study] = await tx
    .select()
    .from(studies)
    .where(eq(studies.studyInstanceUid, instance.studyInstanceUid))
    .for('no key update')
  if (!study) throw new Error('the study row vanished within its own transaction')
  return study
}

/** The first instance of a series says what the series is. */
export async function enterSeries(
  tx: Record,
  { seriesInstanceUid, studyInstanceUid, header }: NewInstance,
): Promise<void> {
  await tx
    .insert(series)
    .values({ seriesInstanceUid, studyInstanceUid, attributes: pick(header, SERIES_TAGS) })
    .onConflictDoNothing()
}

/** Restarts the quiet period, but never past the longest wait since the study was first opened or last reported. */
export async function reopenStudy(
  tx: Record,
  { studyInstanceUid, receivedAt }: NewInstance,
  policy: SettlePolicy,
): Promise<void> {
  const quiet = new Date(receivedAt.getTime() + policy.studyQuietMs)
  const opened = sql`case when ${studies.state} = 'RECEIVING' then ${studies.firstReceivedAt} else ${receivedAt.toISOString()}::timestamptz end`
  await tx
    .update(studies)
    .set({
      state: 'RECEIVING',
      lastReceivedAt: receivedAt,
      firstReceivedAt: opened,
      settleDueAt: sql`least(${quiet.toISOString()}::timestamptz, ${opened} + ${policy.studyMaxWaitMs} * interval '1 millisecond')`,
    })
    .where(eq(studies.studyInstanceUid, studyInstanceUid))
}

/**
 * Other bytes under a known UID are a correction, of the patient's or the study's attributes perhaps. What the new
 * bytes leave empty stays as it was: a study must not lose the patient that it is compared by.
 */
export async function correctAttributes(
  tx: Record,
  study: typeof studies.$inferSelect,
  { studyInstanceUid, seriesInstanceUid, header }: NewInstance,
): Promise<void> {
  await tx
    .update(studies)
    .set({ attributes: { ...study.attributes, ...filled(pick(header, PATIENT_AND_STUDY_TAGS)) } })
    .where(eq(studies.studyInstanceUid, studyInstanceUid))
  const attributes = JSON.stringify(filled(pick(header, SERIES_TAGS)))
  await tx
    .update(series)
    .set({ attributes: sql`${series.attributes} || ${attributes}::jsonb` })
    .where(eq(series.seriesInstanceUid, seriesInstanceUid))
}

const filled = (attributes: DicomJson): DicomJson =>
  Object.fromEntries(Object.entries(attributes).filter(([, { Value }]) => Value !== undefined && Value.length > 0))
