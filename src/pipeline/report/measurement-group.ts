import { ModelUnusable } from '../../errors.ts'
import { algorithmIdentification, operatingParameters, weakLocalization } from './algorithm.ts'
import { CONCEPTS } from './concepts.ts'
import { code, container, type ContentItem, num, polyline, text, uidRef } from './content-item.ts'
import { observationUid } from './identity.ts'
import { lateralityOf } from './laterality.ts'
import type { ReportImage } from './report-input.ts'
import type { ReportRegion } from './report-region.ts'
import { matrixOf } from './source-geometry.ts'

/** A score of 0 to 1 as percent with one decimal. */
export function percent(score: number): string {
  if (!(score >= 0 && score <= 1)) throw new ModelUnusable('a score is not between 0 and 1')
  return (score * 100).toFixed(1)
}

function findingSite(region: ReportRegion, image: ReportImage): readonly ContentItem[] {
  const { site } = region.finding
  if (site === null) return []
  const side = lateralityOf(image.instance.header, site, region.box, matrixOf(image).columns)
  const laterality = side ? [code('HAS CONCEPT MOD', CONCEPTS.laterality, side)] : []
  return [code('HAS CONCEPT MOD', CONCEPTS.findingSite, site, laterality)]
}

/** OHIF shows it as the label of the region. */
function comment({ finding, method }: ReportRegion): string {
  const how = method === 'detected' ? '' : 'weakly localized, '
  return `${finding.label} ${percent(finding.score)} % (AI, ${how}unverified)`
}

/**
 * A finding with its place: Planar ROI Measurements, TID 1410. The certainty repeats the region under it (TID 320),
 * for the viewers that look for coordinates there. Every child has a name and the tracking UID is the only UIDREF:
 * OHIF drops the whole report otherwise.
 */
export function measurementGroup(
  region: ReportRegion,
  image: ReportImage,
  context: { readonly reportUid: string; readonly severalModels: boolean },
): ContentItem {
  const { finding, points, model } = region
  const weak = region.method === 'weakly-localized'
  const algorithm = weak
    ? weakLocalization(model)
    : context.severalModels
      ? algorithmIdentification(model, operatingParameters(model))
      : []
  const certainty = num('CONTAINS', CONCEPTS.certainty, percent(finding.score), CONCEPTS.percent, [
    polyline('INFERRED FROM', CONCEPTS.imageRegion, points, image.instance),
  ])
  const children = [
    text('HAS OBS CONTEXT', CONCEPTS.trackingIdentifier, region.trackingIdentifier),
    uidRef('HAS OBS CONTEXT', CONCEPTS.trackingUid, region.trackingUid),
    code('CONTAINS', CONCEPTS.finding, finding.code),
    code('CONTAINS', CONCEPTS.geometricPurpose, CONCEPTS.boundedBy),
    ...findingSite(region, image),
    ...algorithm,
    polyline('CONTAINS', CONCEPTS.imageRegion, points, image.instance),
    certainty,
    text('CONTAINS', CONCEPTS.comment, comment(region)),
  ]
  return container(CONCEPTS.measurementGroup, children, {
    templateIdentifier: '1410',
    observationUid: observationUid(context.reportUid, region.trackingUid),
  })
}
