import type { DicomJson, DicomJsonElement } from '../../dicom/dataset.ts'
import { dictionaryRow } from '../../dicom/dictionary.ts'
import { PATIENT_AND_STUDY_TAGS, SERIES_TAGS } from '../../record/levels.ts'
import type { FoundInstance, FoundSeries, FoundStudy } from '../../record/search.ts'
import { retrieveUrl } from './dicom-web-address.ts'
import type { SearchRequest } from './search-request.ts'

type Include = SearchRequest['include']

// What every row carries (PS3.18 tables 10.6.3-3 to 10.6.3-5), beside what is computed below.
const OF_STUDY = [
  '00080020',
  '00080030',
  '00080050',
  '00080090',
  '00080201',
  '00100010',
  '00100020',
  '00100030',
  '00100040',
  '00200010',
]
const OF_SERIES = ['00080060', '0008103E', '00200011', '00400244', '00400245', '00400275']
export const OF_INSTANCE: readonly string[] = ['00200013', '00280008', '00280010', '00280011', '00280100']
/** Answered only where it has a value: to send it empty would say something. */
const OPTIONAL = new Set([
  '00080201',
  '00280008',
  '00280010',
  '00280011',
  '00280100',
  '00400244',
  '00400245',
  '00400275',
])

export function toStudyAnswer(found: FoundStudy, include: Include, base: string): DicomJson {
  return sorted({
    ...studyAttributes(found, include),
    '00080056': element('CS', 'ONLINE'),
    '00080061': { vr: 'CS', ...(found.modalities.length > 0 && { Value: found.modalities }) },
    '00081190': element('UR', retrieveUrl(base, found.studyInstanceUid)),
    '00201206': element('IS', found.seriesCount),
    '00201208': element('IS', found.instanceCount),
  })
}

/** `alone` = the search was not within one study, so the study's attributes are answered too. */
export function toSeriesAnswer(found: FoundSeries, include: Include, base: string, alone: boolean): DicomJson {
  return sorted({
    ...(alone ? studyAttributes(found, include) : asked(found.study, include, PATIENT_AND_STUDY_TAGS)),
    ...(alone && { '00080061': { vr: 'CS', ...(found.modalities.length > 0 && { Value: found.modalities }) } }),
    ...seriesAttributes(found, include),
    '00081190': element('UR', retrieveUrl(base, found.studyInstanceUid, found.seriesInstanceUid)),
    '00201209': element('IS', found.instanceCount),
  })
}

export function toInstanceAnswer(found: FoundInstance, include: Include, base: string, alone: boolean): DicomJson {
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = found
  return sorted({
    ...(alone ? studyAttributes(found, include) : asked(found.study, include, PATIENT_AND_STUDY_TAGS)),
    ...(alone ? seriesAttributes(found, include) : asked(found.series, include, SERIES_TAGS)),
    // The modality tells a viewer what an instance is before it asks for more.
    ...(found.series['00080060'] && { '00080060': found.series['00080060'] }),
    ...usual(found.instance, OF_INSTANCE),
    ...(include === 'all' ? withoutBulk(found.instance) : asked(found.instance, include, include)),
    '00080005': element('CS', 'ISO_IR 192'),
    '00080016': element('UI', found.sopClassUid),
    '00080018': element('UI', sopInstanceUid),
    '00080056': element('CS', 'ONLINE'),
    '00081190': element('UR', retrieveUrl(base, studyInstanceUid, seriesInstanceUid, sopInstanceUid)),
    '00083002': element('UI', found.transferSyntaxUid),
    '0020000D': element('UI', studyInstanceUid),
    '0020000E': element('UI', seriesInstanceUid),
  })
}

const studyAttributes = (
  { study, studyInstanceUid }: { study: DicomJson; studyInstanceUid: string },
  include: Include,
): DicomJson => ({
  ...usual(study, OF_STUDY),
  ...asked(study, include, PATIENT_AND_STUDY_TAGS),
  // The answer is UTF-8 whatever the instance was written in (PS3.18 F.2).
  '00080005': element('CS', 'ISO_IR 192'),
  '0020000D': element('UI', studyInstanceUid),
})

const seriesAttributes = (
  {
    series,
    studyInstanceUid,
    seriesInstanceUid,
  }: { series: DicomJson; studyInstanceUid: string; seriesInstanceUid: string },
  include: Include,
): DicomJson => ({
  ...usual(series, OF_SERIES),
  ...asked(series, include, SERIES_TAGS),
  '00080005': element('CS', 'ISO_IR 192'),
  '0020000D': element('UI', studyInstanceUid),
  '0020000E': element('UI', seriesInstanceUid),
})

function usual(from: DicomJson, tags: readonly string[]): DicomJson {
  return Object.fromEntries(
    tags.flatMap((tag) => {
      const value = from[tag]
      if (value !== undefined) return [[tag, value]]
      return OPTIONAL.has(tag) ? [] : [[tag, { vr: dictionaryRow(tag)?.vr ?? 'UN' }]]
    }),
  )
}

function asked(from: DicomJson, include: Include, level: readonly string[]): DicomJson {
  const tags = include === 'all' ? level : level.filter((tag) => include.includes(tag))
  return Object.fromEntries(tags.flatMap((tag) => (from[tag] === undefined ? [] : [[tag, from[tag]]])))
}

const withoutBulk = (header: DicomJson): DicomJson =>
  Object.fromEntries(Object.entries(header).filter(([, { InlineBinary }]) => InlineBinary === undefined))

const sorted = (row: DicomJson): DicomJson =>
  Object.fromEntries(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)))

const element = (vr: string, value: unknown): DicomJsonElement => ({ vr, Value: [value] })
