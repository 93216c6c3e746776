import type { Dataset } from '../../dicom/dataset.ts'
import { referencedSop } from './content-item.ts'
import type { Predecessor } from './report-input.ts'

/** Study, series and instances nested, as evidence and predecessors are written (PS3.3 C.17.2.1, table C.17-3). */
export function hierarchicalReferences(references: readonly Predecessor[]): readonly Dataset[] {
  const studies = new Map<string, Map<string, Dataset[]>>()
  for (const reference of references) {
    const series = studies.get(reference.studyInstanceUid) ?? new Map<string, Dataset[]>()
    const instances = series.get(reference.seriesInstanceUid) ?? []
    instances.push(referencedSop(reference))
    series.set(reference.seriesInstanceUid, instances)
    studies.set(reference.studyInstanceUid, series)
  }
  return [...studies].map(([study, series]) => ({
    StudyInstanceUID: study,
    ReferencedSeriesSequence: [...series].map(([uid, instances]) => ({
      SeriesInstanceUID: uid,
      ReferencedSOPSequence: instances,
    })),
  }))
}
