import { retrieveUrl } from '../pipeline/archive/dicom-web-address.ts'
import { INELIGIBILITY_REASONS } from '../pipeline/assemble/eligibility.ts'
import type { StudyView } from '../record/study-view.ts'
import type { Study, StudySummary } from './study-resource.ts'

const PRIORITIES = ['STAT', 'HIGH', 'MEDIUM', 'LOW'] as const

/** The record's rows as the resource of the API. `dicomwebUrl` ends without a slash. */
export function toStudy({ study, images, results, deliveries }: StudyView, dicomwebUrl: string): Study {
  const { studyInstanceUid } = study
  return {
    ...toStudySummary(study),
    instances: images.map((image) => ({
      sopInstanceUid: image.sopInstanceUid,
      seriesInstanceUid: image.seriesInstanceUid,
      sopClassUid: image.sopClassUid,
      revision: image.revision,
      receivedAt: image.receivedAt.toISOString(),
      eligible: image.reasons.length === 0,
      reasons: image.reasons.map((code) => ({ code, text: textOf(code) })),
      analyses: image.analyses.map(toAnalysis),
    })),
    results: results.map((result) => ({
      kind: result.kind,
      sopInstanceUid: result.sopInstanceUid,
      sourceSopInstanceUid: result.sourceSopInstanceUid,
      instanceNumber: result.instanceNumber,
      createdAt: result.createdAt.toISOString(),
      retrieveUrl: retrieveUrl(dicomwebUrl, studyInstanceUid, result.seriesInstanceUid, result.sopInstanceUid),
    })),
    deliveries: deliveries.map(
      ({ destination, sopInstanceUid, state, attempts, nextAttemptAt, deliveredAt, lastAnswer }) => ({
        destination,
        sopInstanceUid,
        state,
        attempts,
        nextAttemptAt: state === 'WAITING' ? nextAttemptAt.toISOString() : null,
        deliveredAt: deliveredAt?.toISOString() ?? null,
        lastAnswer,
      }),
    ),
    timings: {
      analysedMs: since(study, latest(images.flatMap(({ analyses }) => analyses.map(({ finishedAt }) => finishedAt)))),
      settledMs: since(study, study.settledAt),
      reportedMs: since(study, study.reportedAt),
      deliveredMs: since(study, latest(deliveries.map(({ deliveredAt }) => deliveredAt))),
    },
  }
}

export function toStudySummary(study: StudyView['study']): StudySummary {
  return {
    studyInstanceUid: study.studyInstanceUid,
    state: study.state,
    priority: PRIORITIES[study.priority] ?? 'MEDIUM',
    receivedAt: study.lastReceivedAt.toISOString(),
    settledAt: study.settledAt?.toISOString() ?? null,
    reportedAt: study.reportedAt?.toISOString() ?? null,
  }
}

function toAnalysis(
  run: StudyView['images'][number]['analyses'][number],
): Study['instances'][number]['analyses'][number] {
  return {
    model: run.modelName,
    version: run.modelVersion,
    state: run.state,
    reason: run.reason,
    provider: run.provider,
    attempts: run.attempts,
    startedAt: run.firstStartedAt?.toISOString() ?? null,
    finishedAt: run.finishedAt?.toISOString() ?? null,
    timings: { ...run.timings },
    findings: run.findings.map(({ label, code, site, score, present, region }) => ({
      label,
      code,
      site,
      score: Math.round(score * 1000) / 1000,
      present,
      region: region && {
        method: region.method,
        box: region.box,
        ...(region.polygon && { polygon: [...region.polygon] }),
      },
    })),
  }
}

const textOf = (code: string): string => (INELIGIBILITY_REASONS as Readonly<Record<string, string>>)[code] ?? code

function latest(times: readonly (Date | null)[]): Date | null {
  const reached = times.flatMap((time) => (time ? [time.getTime()] : []))
  return reached.length === 0 || reached.length < times.length ? null : new Date(Math.max(...reached))
}

const since = ({ lastReceivedAt }: StudyView['study'], time: Date | null): number | null =>
  time && time.getTime() - lastReceivedAt.getTime()
