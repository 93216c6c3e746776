import type { Dataset, DicomJson } from '../../dicom/dataset.ts'
import type { StudyInstanceUid } from '../../dicom/uid.ts'
import { copied, copiedOrEmpty, sourceItems, sourceText } from './source-header.ts'

const PATIENT_TYPE_2 = ['PatientName', 'PatientID', 'PatientBirthDate', 'PatientSex']
const PATIENT_TYPE_3 = ['IssuerOfPatientID', 'IssuerOfPatientIDQualifiersSequence', 'OtherPatientIDsSequence']
const STUDY_TYPE_2 = ['StudyDate', 'StudyTime', 'ReferringPhysicianName', 'StudyID', 'AccessionNumber']
const STUDY_TYPE_3 = ['IssuerOfAccessionNumberSequence', 'StudyDescription', 'PatientAge']

/**
 * Patient, General Study and Patient Study of the source, verbatim (PS3.3 C.7.1.1, C.7.2.1, C.7.2.2): an archive
 * files the object under them. Absent Type 2 is empty, never a word like UNKNOWN.
 */
export function patientAndStudy(header: DicomJson, studyInstanceUid: StudyInstanceUid): Dataset {
  return {
    ...copiedOrEmpty(header, PATIENT_TYPE_2),
    ...copied(header, PATIENT_TYPE_3),
    StudyInstanceUID: studyInstanceUid,
    ...copiedOrEmpty(header, STUDY_TYPE_2),
    ...copied(header, STUDY_TYPE_3),
  }
}

/** Referenced Request Sequence (PS3.3 C.17.2) from the image's Request Attributes; absent when no order is known. */
export function referencedRequest(header: DicomJson, studyInstanceUid: StudyInstanceUid): Dataset {
  const [request] = sourceItems(header, 'RequestAttributesSequence')
  if (!request?.['RequestedProcedureID']) return {}
  const item = {
    StudyInstanceUID: studyInstanceUid,
    ReferencedStudySequence: [],
    AccessionNumber: request['AccessionNumber'] ?? sourceText(header, 'AccessionNumber') ?? '',
    PlacerOrderNumberImagingServiceRequest: request['PlacerOrderNumberImagingServiceRequest'] ?? '',
    FillerOrderNumberImagingServiceRequest: request['FillerOrderNumberImagingServiceRequest'] ?? '',
    RequestedProcedureID: request['RequestedProcedureID'],
    RequestedProcedureDescription: request['RequestedProcedureDescription'] ?? '',
    RequestedProcedureCodeSequence: request['RequestedProcedureCodeSequence'] ?? [],
  }
  return { ReferencedRequestSequence: [item] }
}
