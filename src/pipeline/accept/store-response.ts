import type { DicomJson, DicomJsonElement } from '../../dicom/dataset.ts'
import type { Acceptance } from './accept-instance.ts'
import { FAILURE_REASONS } from './failure-reason.ts'

/** The Store Instances Response Module (PS3.18 10.5.3, Annex I). `base` is the public address of the DICOMweb root. */
export function toStoreResponse(acceptances: readonly Acceptance[], base: string): DicomJson {
  const stored = acceptances.filter((it) => it.kind === 'stored')
  const refused = acceptances.filter((it) => it.kind === 'refused')
  const studies = new Set(stored.map((it) => it.instance.studyInstanceUid))
  const [study] = studies
  return {
    ...(studies.size === 1 && { '00081190': element('UR', `${base}/studies/${study}`) }),
    // dcm4chee takes a missing Referenced SOP Sequence for a fault, and any Failed SOP Sequence for a failure.
    '00081199': { vr: 'SQ', Value: stored.map((it) => referenced(it, base)) },
    ...(refused.length > 0 && { '00081198': { vr: 'SQ', Value: refused.map(failed) } }),
  }
}

/** 200 all stored, 202 some, 409 none; 503 when none because the archive is unavailable (PS3.18 table 10.5.3-1). */
export function statusOf(acceptances: readonly Acceptance[]): 200 | 202 | 409 | 503 {
  const stored = acceptances.filter((it) => it.kind === 'stored').length
  if (stored === acceptances.length) return 200
  if (stored > 0) return 202
  return acceptances.some((it) => it.kind === 'refused' && it.reason === 'OUT_OF_RESOURCES') ? 503 : 409
}

function referenced({ instance }: Extract<Acceptance, { kind: 'stored' }>, base: string): DicomJson {
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid, sopClassUid } = instance
  return {
    '00081150': element('UI', sopClassUid),
    '00081155': element('UI', sopInstanceUid),
    '00081190': element(
      'UR',
      `${base}/studies/${studyInstanceUid}/series/${seriesInstanceUid}/instances/${sopInstanceUid}`,
    ),
  }
}

function failed({ reason, comment, sopClassUid, sopInstanceUid }: Extract<Acceptance, { kind: 'refused' }>): DicomJson {
  return {
    '00081150': element('UI', sopClassUid),
    '00081155': element('UI', sopInstanceUid),
    '00081197': element('US', FAILURE_REASONS[reason]),
    '00741048': { vr: 'SQ', Value: [{ '00000902': element('LO', comment.slice(0, 64)) }] },
  }
}

const element = (vr: string, value: string | number | undefined): DicomJsonElement =>
  value === undefined ? { vr } : { vr, Value: [value] }
