import { and, eq, inArray, ne, sql } from 'drizzle-orm'
import type { DicomJson } from '../dicom/dataset.ts'
import { priorityOf } from '../dicom/requested-priority.ts'
import type { InstanceHeader } from '../dicom/part10-header.ts'
import { PATIENT_AND_STUDY_TAGS, SERIES_TAGS, isSamePatient, pick } from './levels.ts'
import { analyses, instances, series, studies } from './schema.ts'
import { analysisStatesBefore } from './states.ts'
import type { Record } from './record.ts'

export interface NewInstance extends InstanceHeader {
  readonly sha256: string
  readonly sizeBytes: number
  readonly receivedAt: Date
}

export interface RegistrationPolicy {
  /** How long a study must have been quiet before it settles. */
  readonly studyQuietMs: number
  /** When it settles at the latest, counted from the first instance since its last report. */
  readonly studyMaxWaitMs: number
  /** The models that are run on the instance; none: the reasons why. */
  readonly assess: (instance: InstanceHeader) => Assessment
}

export interface Assessment {
  readonly reasons: readonly string[]
  readonly models: readonly { readonly name: string; readonly version: string; readonly key: string }[]
}

export type Registered =
  | {
      readonly outcome: 'STORED' | 'DUPLICATE' | 'REVISED'
      readonly analysisIds: readonly number[]
      readonly priority: number
    }
  | { readonly outcome: 'REFUSED'; readonly reason: 'OTHER_STUDY' | 'OTHER_PATIENT' }

/**
 * Enters an instance whose bytes are in the archive already, in one transaction: study, series, instance and the
 * analyses that it asks for. Registering the same bytes again changes nothing.
 */
export function registerInstance(
  record: Record,
  instance: NewInstance,
  policy: RegistrationPolicy,
): Promise<Registered> {
  return record.transaction(async (tx) => {
    await lockInstance(tx, instance.sopInstanceUid)
    const known = await tx.query.instances.findFirst({ where: eq(instances.sopInstanceUid, instance.sopInstanceUid) })
    const conflict = known && conflictWith(known, instance)
    if (conflict) return conflict
    const study = await enterStudy(tx, instance, policy)
    if (known && isSettled(known, instance)) return { outcome: 'DUPLICATE', analysisIds: [], priority: study.priority }

    await enterSeries(tx, instance)
    const assessed = policy.assess(instance)
    const { reasons, models } = isSamePatient(study.attributes, instance.header)
      ? assessed
      : { reasons: ['PATIENT_MISMATCH', ...assessed.reasons], models: [] }
    const revision = (known?.revision ?? 0) + 1
    const row = { ...columnsOf(instance), reasons, revision, origin: 'RECEIVED' as const }
    await tx.insert(instances).values(row).onConflictDoUpdate({ target: instances.sopInstanceUid, set: row })
    await reopenStudy(tx, instance, policy)
    if (known && reasons[0] !== 'PATIENT_MISMATCH') await refreshAttributes(tx, instance)
    await supersedeEarlier(tx, instance.sopInstanceUid, revision)
    const made =
      models.length === 0
        ? []
        : await tx
            .insert(analyses)
            .values(models.map((model) => waiting(instance, revision, model)))
            .returning({ id: analyses.id })
    return { outcome: known ? 'REVISED' : 'STORED', analysisIds: made.map(({ id }) => id), priority: study.priority }
  })
}

/** Nobody else registers the same SOP Instance UID meanwhile, in whatever study: what refuses it leaves no study behind. */
async function lockInstance(tx: Record, sopInstanceUid: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${sopInstanceUid}, 0))`)
}

/**
 * Locks the study's row: instances of one study are registered one after the other, whoever sends them. The lock lets
 * foreign keys point at the row: a report that is entered meanwhile and ends with an update of it would else deadlock.
 */
async function enterStudy(tx: Record, instance: NewInstance, policy: RegistrationPolicy) {
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

async function enterSeries(tx: Record, { seriesInstanceUid, studyInstanceUid, header }: NewInstance): Promise<void> {
  await tx
    .insert(series)
    .values({ seriesInstanceUid, studyInstanceUid, attributes: pick(header, SERIES_TAGS) })
    .onConflictDoNothing()
}

function conflictWith(known: typeof instances.$inferSelect, instance: NewInstance): Registered | undefined {
  if (known.studyInstanceUid !== instance.studyInstanceUid) return { outcome: 'REFUSED', reason: 'OTHER_STUDY' }
  if (!isSamePatient(known.header, instance.header)) return { outcome: 'REFUSED', reason: 'OTHER_PATIENT' }
  return undefined
}

/**
 * The same bytes again, or an object of ours that comes back: a PACS that routes everything and coerces what it keeps
 * would else have each report revised, and reported on, without end.
 */
function isSettled(known: typeof instances.$inferSelect, instance: NewInstance): boolean {
  return known.sha256 === instance.sha256 || known.origin === 'PRODUCED'
}

/** Restarts the quiet period, but never past the longest wait since the study was first opened or last reported. */
async function reopenStudy(
  tx: Record,
  { studyInstanceUid, receivedAt }: NewInstance,
  policy: RegistrationPolicy,
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

/** Other bytes under a known UID are a correction, of the patient's or study's attributes perhaps. */
async function refreshAttributes(
  tx: Record,
  { studyInstanceUid, seriesInstanceUid, header }: NewInstance,
): Promise<void> {
  await tx
    .update(studies)
    .set({ attributes: pick(header, PATIENT_AND_STUDY_TAGS) })
    .where(eq(studies.studyInstanceUid, studyInstanceUid))
  await tx
    .update(series)
    .set({ attributes: pick(header, SERIES_TAGS) })
    .where(eq(series.seriesInstanceUid, seriesInstanceUid))
}

async function supersedeEarlier(tx: Record, sopInstanceUid: string, revision: number): Promise<void> {
  await tx
    .update(analyses)
    .set({ state: 'SUPERSEDED', leaseUntil: null })
    .where(
      and(
        eq(analyses.sopInstanceUid, sopInstanceUid),
        ne(analyses.revision, revision),
        inArray(analyses.state, analysisStatesBefore('SUPERSEDED')),
      ),
    )
}

const columnsOf = (instance: NewInstance) => ({
  sopInstanceUid: instance.sopInstanceUid,
  studyInstanceUid: instance.studyInstanceUid,
  seriesInstanceUid: instance.seriesInstanceUid,
  sopClassUid: instance.sopClassUid,
  transferSyntaxUid: instance.transferSyntaxUid,
  sha256: instance.sha256,
  sizeBytes: instance.sizeBytes,
  header: instance.header satisfies DicomJson,
  receivedAt: instance.receivedAt,
})

const waiting = (instance: NewInstance, revision: number, model: Assessment['models'][number]) => ({
  studyInstanceUid: instance.studyInstanceUid,
  sopInstanceUid: instance.sopInstanceUid,
  revision,
  modelName: model.name,
  modelVersion: model.version,
  modelKey: model.key,
  state: 'WAITING' as const,
  createdAt: instance.receivedAt,
})
