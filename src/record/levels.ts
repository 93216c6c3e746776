import type { DicomJson } from '../dicom/dataset.ts'

/** Attributes of the patient and the study that every study row carries (PS3.18 table 10.6.3-3, and those that results copy). */
export const PATIENT_AND_STUDY_TAGS: readonly string[] = [
  '00080005', // SpecificCharacterSet
  '00080020', // StudyDate
  '00080030', // StudyTime
  '00080050', // AccessionNumber
  '00080051', // IssuerOfAccessionNumberSequence
  '00080090', // ReferringPhysicianName
  '00080201', // TimezoneOffsetFromUTC
  '00081030', // StudyDescription
  '00100010', // PatientName
  '00100020', // PatientID
  '00100021', // IssuerOfPatientID
  '00100030', // PatientBirthDate
  '00100040', // PatientSex
  '00101010', // PatientAge
  '0020000D', // StudyInstanceUID
  '00200010', // StudyID
]

/** Attributes of the series (PS3.18 table 10.6.3-4). */
export const SERIES_TAGS: readonly string[] = [
  '00080021', // SeriesDate
  '00080031', // SeriesTime
  '00080060', // Modality
  '00080070', // Manufacturer
  '0008103E', // SeriesDescription
  '00080080', // InstitutionName
  '00180015', // BodyPartExamined
  '0020000E', // SeriesInstanceUID
  '00200011', // SeriesNumber
  '00400244', // PerformedProcedureStepStartDate
  '00400245', // PerformedProcedureStepStartTime
  '00400275', // RequestAttributesSequence
]

export const pick = (header: DicomJson, tags: readonly string[]): DicomJson =>
  Object.fromEntries(tags.flatMap((tag) => (header[tag] ? [[tag, header[tag]]] : [])))

/** Whether two headers can belong to one patient: a PatientID or issuer that is absent contradicts nothing. */
export function isSamePatient(one: DicomJson, other: DicomJson): boolean {
  return ['00100020', '00100021'].every((tag) => {
    const [a, b] = [valueOf(one, tag), valueOf(other, tag)]
    return a === '' || b === '' || a === b
  })
}

function valueOf(header: DicomJson, tag: string): string {
  const value = header[tag]?.Value?.[0]
  return typeof value === 'string' ? value.trim() : ''
}
