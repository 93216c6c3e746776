import { and, eq, inArray, ne, sql } from 'drizzle-orm'
import type { DicomJson } from '../dicom/dataset.ts'
import type { InstanceHeader } from '../dicom/part10-header.ts'
import { correctAttributes, enterSeries, enterStudy, reopenStudy } from './enter-study.ts'
import type { NewInstance, SettlePolicy } from './enter-study.ts'
import { isSamePatient } from './levels.ts'
import { analyses, instances } from './schema.ts'
import { analysisStatesBefore } from './states.ts'
import type { Record } from './record.ts'

export interface RegistrationPolicy extends SettlePolicy {
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
    if (known && reasons[0] !== 'PATIENT_MISMATCH') await correctAttributes(tx, study, instance)
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

/** What earlier revisions asked for is void, whatever became of it. */
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
