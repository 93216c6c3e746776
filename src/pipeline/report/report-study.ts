import { readHeader } from '../../dicom/part10-header.ts'
import type { SeriesInstanceUid, SopInstanceUid, StudyInstanceUid } from '../../dicom/uid.ts'
import { enterReport, type ProducedInstance } from '../../record/enter-report.ts'
import { studyForReport, type StudyForReport } from '../../record/study-for-report.ts'
import { moveStudy } from '../../record/study-turns.ts'
import type { Record } from '../../record/record.ts'
import type { InstanceArchive } from '../archive/instance-archive.ts'
import { libraryImages } from './image-library.ts'
import { modelOf, type ReportModel, type ReportNode, type SrSopClass } from './report-input.ts'
import { makeReport, reportKey, type ReportInput, type ReportObject } from './make-report.ts'

export interface ReportStudyDeps {
  readonly record: Record
  readonly archive: InstanceArchive
  readonly models: readonly ReportModel[]
  readonly node: ReportNode
  readonly srSopClass: SrSopClass
  /** The names of the PACS that results are stored to. */
  readonly destinations: readonly string[]
  readonly now: () => Date
}

export type StudyTurn =
  | { readonly kind: 'not-due'; readonly at: Date }
  /** The end of the last analysis brings the study back. */
  | { readonly kind: 'waits-for-analyses' }
  | { readonly kind: 'nothing-to-report' }
  /** Every analysis failed; each has its reason. */
  | { readonly kind: 'not-analysed' }
  /** No object can say what the models said. */
  | { readonly kind: 'failed'; readonly error: unknown }
  | {
      readonly kind: 'reported'
      readonly objects: number
      readonly deliveryIds: readonly number[]
      readonly priority: number
    }

/**
 * Makes the report of a study that has been quiet: SR and GSPS into the archive, then results and deliveries into the
 * record. Nothing to infer is a normal outcome. May run twice: the same study makes the same objects under the same UIDs.
 */
export async function reportStudy(deps: ReportStudyDeps, studyInstanceUid: string): Promise<StudyTurn> {
  const { record, now } = deps
  const found = await studyForReport(record, studyInstanceUid)
  if (!found || !['RECEIVING', 'ANALYSING'].includes(found.study.state)) return { kind: 'nothing-to-report' }
  const { study, images } = found
  if (study.settleDueAt > now()) return { kind: 'not-due', at: study.settleDueAt }
  const analyses = images.flatMap((image) => image.analyses)
  if (analyses.some(({ state }) => state === 'WAITING' || state === 'RUNNING')) {
    await moveStudy(record, studyInstanceUid, 'ANALYSING', study.lastReceivedAt)
    return { kind: 'waits-for-analyses' }
  }
  if (analyses.length === 0) {
    await moveStudy(record, studyInstanceUid, 'NOT_ELIGIBLE', study.lastReceivedAt)
    return { kind: 'nothing-to-report' }
  }
  return await writeReport(deps, found)
}

async function writeReport(deps: ReportStudyDeps, found: StudyForReport): Promise<StudyTurn> {
  const { study } = found
  const input = reportInput(deps, found)
  const key = reportKey(input)
  const earlier = found.earlier.filter((result) => result.reportKey !== key)
  const again = found.earlier.find((result) => result.reportKey === key)
  const instanceNumber = again?.instanceNumber ?? (earlier[0]?.instanceNumber ?? 0) + 1
  const before = earlier.find(({ kind, instanceNumber: number }) => kind === 'SR' && number < instanceNumber)
  const predecessors = before ? [{ ...before, ...uidsOf(before), studyInstanceUid: input.studyInstanceUid }] : []
  const objects = objectsOf({ ...input, instanceNumber, predecessors })
  if ('error' in objects || objects.length === 0) {
    await moveStudy(deps.record, study.studyInstanceUid, 'FAILED', study.lastReceivedAt)
    return 'error' in objects ? { kind: 'failed', error: objects.error } : { kind: 'not-analysed' }
  }
  const produced: ProducedInstance[] = []
  for (const object of objects) produced.push(await keep(deps.archive, input.studyInstanceUid, object))
  const made = await enterReport(deps.record, {
    studyInstanceUid: study.studyInstanceUid,
    reportKey: key,
    instanceNumber,
    objects: produced,
    destinations: deps.destinations,
    now: deps.now(),
    lastReceivedAt: study.lastReceivedAt,
  })
  return { kind: 'reported', objects: objects.length, deliveryIds: made.map(({ id }) => id), priority: study.priority }
}

/** What fails here fails on every turn, since nothing but the input decides: the study must not come up without end. */
function objectsOf(input: ReportInput): readonly ReportObject[] | { readonly error: unknown } {
  try {
    return makeReport(input)
  } catch (error) {
    return { error }
  }
}

function reportInput({ models, node, srSopClass }: ReportStudyDeps, { study, images }: StudyForReport): ReportInput {
  const analyses = images.flatMap((image) => image.analyses)
  const started = analyses.flatMap(({ firstStartedAt }) => (firstStartedAt ? [firstStartedAt.getTime()] : []))
  return {
    studyInstanceUid: study.studyInstanceUid as StudyInstanceUid,
    node,
    srSopClass,
    startedAt: new Date(Math.min(...started)),
    instanceNumber: 1,
    predecessors: [],
    // A report that is stored into the study, by this node or another, must not be a reason for the next one.
    images: libraryImages(
      images
        .filter(({ reasons }) => !reasons.includes('OWN_OUTPUT'))
        .map((image) => ({
          instance: { sopClassUid: image.sopClassUid, header: image.header, sha256: image.sha256, ...uidsOf(image) },
          reasons: [...image.reasons, ...image.analyses.flatMap(({ reason }) => (reason ? [reason] : []))],
          analyses: image.analyses
            .filter(({ state }) => state === 'DONE')
            .map((run) => ({
              model: modelOf(models, run),
              provider: run.provider ?? 'unknown',
              findings: run.findings,
            })),
        })),
    ),
  }
}

const uidsOf = (row: { readonly sopInstanceUid: string; readonly seriesInstanceUid: string }) => ({
  sopInstanceUid: row.sopInstanceUid as SopInstanceUid,
  seriesInstanceUid: row.seriesInstanceUid as SeriesInstanceUid,
})

async function keep(
  archive: InstanceArchive,
  studyInstanceUid: StudyInstanceUid,
  object: ReportObject,
): Promise<ProducedInstance> {
  const { header, transferSyntaxUid } = readHeader(object.bytes)
  const file = await archive.put({ studyInstanceUid, sopInstanceUid: object.sopInstanceUid }, object.bytes)
  return {
    kind: object.kind,
    sopClassUid: object.sopClassUid,
    sopInstanceUid: object.sopInstanceUid,
    seriesInstanceUid: object.seriesInstanceUid,
    sourceSopInstanceUid: object.sourceSopInstanceUid,
    transferSyntaxUid,
    header,
    sha256: file.sha256,
    sizeBytes: file.sizeBytes,
  }
}
