import type { Region } from '../pipeline/localize/finding.ts'

export interface InferRegion {
  readonly label: string
  readonly score: number
  /** Left, top, right, bottom in image pixels. */
  readonly box: readonly [number, number, number, number]
  readonly method: Region['method']
}

/** What `hilum infer --json` prints of one file. */
export type InferLine =
  | { readonly file: string; readonly error: string; readonly message: string }
  | {
      readonly file: string
      readonly sopInstanceUid: string
      readonly eligible: boolean
      readonly reasons: readonly string[]
      readonly model: string
      readonly version: string
      readonly provider?: string
      readonly rows?: number
      readonly columns?: number
      /** Empty when the image was not scored. */
      readonly scores: Readonly<Record<string, number>>
      readonly regions: readonly InferRegion[]
    }

/** The same for people. */
export function toTable(line: InferLine): string {
  if ('error' in line) return `${line.file}\n  ${line.error}: ${line.message}`
  const refused = line.eligible ? [] : [`  not eligible: ${line.reasons.join(', ')}`]
  const scores = Object.entries(line.scores).map(([label, score]) => `  ${label.padEnd(24)} ${score.toFixed(3)}`)
  const regions = line.regions.map(({ label, score, box, method }) => {
    return `    ${label.padEnd(22)} ${score.toFixed(3)}  ${method.padEnd(16)}  [${box.map((edge) => edge.toFixed(1)).join(', ')}]`
  })
  return [
    `${line.file}  ${line.sopInstanceUid}  ${line.model} ${line.version}`,
    ...refused,
    ...scores,
    ...regions,
  ].join('\n')
}
