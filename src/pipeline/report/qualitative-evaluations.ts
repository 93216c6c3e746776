import type { Code } from '../../dicom/code.ts'
import { algorithmIdentification } from './algorithm.ts'
import { CONCEPTS } from './concepts.ts'
import { code, container, type ContentItem, imageReference, num, text } from './content-item.ts'
import { disclaimer } from './disclaimer.ts'
import { modelsOf, observationUid } from './identity.ts'
import { percent } from './measurement-group.ts'
import type { ReportImage, ReportModel } from './report-input.ts'
import { sourceText } from './source-header.ts'
import type { Finding } from '../localize/finding.ts'

interface Context {
  readonly reportUid: string
  readonly severalModels: boolean
  readonly severalImages: boolean
}

/**
 * What CID 240 says of a finding in a whole image. An image score below the operating point beside a place that is
 * shown is Undetermined: a report must not draw a box around what it calls absent.
 */
function answerOf({ label, present }: Finding, findings: readonly Finding[]): Code {
  if (present) return CONCEPTS.present
  const isPlaced = findings.some((other) => other.region !== null && other.present && other.label === label)
  return isPlaced ? CONCEPTS.undetermined : CONCEPTS.absent
}

/** A statement on a whole image: the finding is the question, one of CID 240 the answer. */
function evaluation(
  finding: Finding,
  value: Code,
  model: ReportModel,
  image: ReportImage,
  context: Context,
): ContentItem {
  const { label, code: name, score } = finding
  const sameWords = label.toLowerCase() === name.meaning.toLowerCase()
  const item = code('CONTAINS', name, value, [
    ...(context.severalModels ? algorithmIdentification(model) : []),
    num('HAS PROPERTIES', CONCEPTS.certainty, percent(score), CONCEPTS.percent),
    // several labels may share a code: the model's own word tells them apart
    ...(sameWords ? [] : [text('HAS PROPERTIES', CONCEPTS.comment, label)]),
    ...(context.severalImages ? [imageReference('INFERRED FROM', image.instance)] : []),
  ])
  const path = [image.instance.sopInstanceUid, model.name, model.key, label].join('/')
  return { ...item, ObservationUID: observationUid(context.reportUid, path) }
}

function notAnalysed({ instance, reasons }: ReportImage): string {
  const number = sourceText(instance.header, 'InstanceNumber')
  const name = number === undefined ? 'An image' : `Image ${number}`
  return `${name} was not analysed (${instance.sopInstanceUid}): ${reasons.join('; ') || 'no reason given'}`
}

/** "Nothing found" and "not looked at" must differ: what was not analysed is named with its reason. */
export function qualitativeEvaluations(
  images: readonly ReportImage[],
  library: ReadonlySet<string>,
  context: Context,
): ContentItem {
  const models = modelsOf(images)
  const [model] = models
  const evaluations = images.flatMap((image) =>
    image.analyses.flatMap((analysis) =>
      analysis.findings
        .filter(({ region }) => region === null)
        .map((finding) => evaluation(finding, answerOf(finding, analysis.findings), analysis.model, image, context)),
    ),
  )
  const skipped = images
    .filter(({ analyses }) => analyses.length === 0)
    .map((image) => {
      const referenced = library.has(image.instance.sopInstanceUid)
      const reference = referenced ? [imageReference('INFERRED FROM', image.instance)] : []
      return text('CONTAINS', CONCEPTS.comment, notAnalysed(image), reference)
    })
  return container(CONCEPTS.qualitativeEvaluations, [
    ...(model && models.length === 1 ? algorithmIdentification(model) : []),
    ...evaluations,
    ...skipped,
    text('CONTAINS', CONCEPTS.comment, disclaimer(models)),
  ])
}
