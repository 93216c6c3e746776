import type { Dataset } from '../../dicom/dataset.ts'
import { deriveUid } from '../../dicom/uid.ts'
import type { ReportImage, ReportNode } from './report-input.ts'

/** A private coding scheme (designator 99…) must be declared, else a reader cannot know whose it is (PS3.3 C.12.1.1.6). */
export function privateCodingSchemes(images: readonly ReportImage[], node: ReportNode): Dataset {
  const codes = images.flatMap(({ analyses }) =>
    analyses.flatMap(({ findings }) => findings.flatMap(({ code, site }) => (site ? [code, site] : [code]))),
  )
  const designators = [...new Set(codes.map(({ scheme }) => scheme).filter((scheme) => scheme.startsWith('99')))]
  if (designators.length === 0) return {}
  return {
    CodingSchemeIdentificationSequence: designators.toSorted().map((designator) => ({
      CodingSchemeDesignator: designator,
      CodingSchemeUID: deriveUid('coding scheme', designator, node.manufacturer),
      CodingSchemeName: `${node.manufacturer} private codes`,
      CodingSchemeResponsibleOrganization: node.manufacturer,
    })),
  }
}
