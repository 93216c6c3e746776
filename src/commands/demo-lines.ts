import type { Study } from '../ris/study-resource.ts'

type Image = Study['instances'][number]
type Analysis = Image['analyses'][number]

export interface ShownStudy {
  readonly study: Study
  /** STUDY_QUIET_MS of the node: the wait that is meant, named apart from the work. */
  readonly quietMs: number
  /** SOP Instance UID → the file that was sent. */
  readonly fileOf: ReadonlyMap<string, string>
  /** SOP Instance UID → where the overlay picture was saved. */
  readonly pictureOf: ReadonlyMap<string, { readonly path: string; readonly address: string }>
  readonly node: string
}

/** What a person reads of one finished study, image by image. */
export function demoLines({ study, quietMs, fileOf, pictureOf, node }: ShownStudy): readonly string[] {
  return [
    '',
    `Study ${study.studyInstanceUid}: ${study.state}`,
    ...turnaround(study, quietMs),
    ...study.instances.flatMap((instance) => [
      `  Image ${fileOf.get(instance.sopInstanceUid) ?? instance.sopInstanceUid}`,
      ...imageLines(instance),
      ...pictureLines(pictureOf.get(instance.sopInstanceUid)),
    ]),
    ...study.results.map(({ kind, retrieveUrl }) => `  ${kind.padEnd(5)} ${new URL(retrieveUrl, node).href}`),
    ...study.deliveries.map(
      ({ destination, sopInstanceUid, state, attempts, lastAnswer }) =>
        `  to ${destination}: ${state} after ${attempts} attempt(s), ${sopInstanceUid}${lastAnswer === null ? '' : `: ${lastAnswer}`}`,
    ),
  ]
}

function turnaround({ timings: { reportedMs, deliveredMs } }: Study, quietMs: number): string[] {
  const quiet = `of which the quiet period is ${(quietMs / 1000).toFixed(2)} s`
  return [
    ...(reportedMs === null
      ? []
      : [`  ${(reportedMs / 1000).toFixed(2)} s from the last byte to the stored results, ${quiet}`]),
    ...(deliveredMs === null
      ? []
      : [`  ${(deliveredMs / 1000).toFixed(2)} s from the last byte to the results in the PACS`]),
  ]
}

function imageLines({ eligible, reasons, analyses }: Image): string[] {
  if (!eligible) return reasons.map(({ code, text }) => `    refused: ${code} (${text})`)
  return ['    eligible', ...analyses.flatMap(analysisLines)]
}

function analysisLines({ model, version, provider, state, reason, findings }: Analysis): string[] {
  const head = `    ${model} ${version} on ${provider ?? 'no provider'}: ${state}${reason === null ? '' : ` (${reason})`}`
  return [head, ...findings.map((finding) => `      ${findingText(finding)}`)]
}

function findingText({ label, score, present, region }: Analysis['findings'][number]): string {
  const what = `${label} ${score.toFixed(3)}`
  if (region === null) return `${what}, whole image: ${present ? 'present' : 'absent'}`
  const { left, top, right, bottom } = region.box
  const box = [left, top, right, bottom].map((edge) => edge.toFixed(1)).join(', ')
  return `${what}, ${region.method}, box [${box}] (left, top, right, bottom in image pixels)`
}

function pictureLines(picture: { readonly path: string; readonly address: string } | undefined): string[] {
  return picture === undefined ? [] : [`    overlay ${picture.path}`, `            ${picture.address}`]
}
