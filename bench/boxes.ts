import { readFileSync } from 'node:fs'
import { chooseModel, DEFAULT_MODELS_DIRECTORY } from '../src/commands/installed-models.ts'
import { createInference } from '../src/pipeline/infer/create-inference.ts'
import type { Box } from '../src/pipeline/localize/finding.ts'
import { sharedFolder, sharedPath, SHARED_MISSING } from '../test/support/shared.ts'
import type { BenchTable } from './bench-table.ts'

const LEAST_IOU = 0.4

/** Of one radiograph: boxes as fractions [left, top, right, bottom] of the stored image. */
interface Truth {
  readonly rsna_boxes: readonly Fractions[]
  readonly nih_boxes: readonly { readonly box: Fractions }[]
}
type Fractions = readonly [number, number, number, number]

/** How many of the boxes that radiologists drew the default model's boxes meet at IoU 0.4, on the radiographs with truth. */
export async function bench(): Promise<BenchTable> {
  const columns = ['radiograph', 'image score', 'boxes of the truth', 'met', 'boxes of the model']
  if (sharedFolder() === undefined) return { title: TITLE, columns, rows: [], notes: [SHARED_MISSING] }
  const truths = JSON.parse(readFileSync(sharedPath('dicom/truth.json'), 'utf8')) as { readonly [file: string]: Truth }
  const modelPackage = await chooseModel(DEFAULT_MODELS_DIRECTORY)
  const log = { info: () => undefined, warn: () => undefined }
  const inference = await createInference({ packages: [modelPackage], provider: 'cpu', threads: 1, log })
  const sum = { truth: 0, met: 0, marks: 0 }
  const rows: string[][] = []
  for (const [file, truth] of Object.entries(truths)) {
    const analysis = await inference.analyse(sharedPath('dicom/chest', file), modelPackage.identity.name)
    const drawn = [...truth.rsna_boxes, ...truth.nih_boxes.map(({ box }) => box)].map((box) => toBox(box, analysis))
    const marks = analysis.findings.flatMap(({ region }) => (region?.method === 'detected' ? [region.box] : []))
    const met = drawn.filter((box) => marks.some((mark) => overlap(box, mark) >= LEAST_IOU)).length
    const score = analysis.findings.find(({ region }) => region === null)?.score ?? 0
    rows.push([file.replace('.dcm', ''), score.toFixed(3), `${drawn.length}`, `${met}`, `${marks.length}`])
    sum.truth += drawn.length
    sum.met += met
    sum.marks += marks.length
  }
  await inference.close()
  rows.push(['all', '', `${sum.truth}`, `${sum.met}`, `${sum.marks}`])
  return {
    title: TITLE,
    columns,
    rows,
    notes: ['A look at seventeen images, and no measure of the model: its card has those.'],
  }
}

const TITLE = `Boxes of the truth that the model's boxes meet at IoU ${LEAST_IOU}`

const toBox = ([left, top, right, bottom]: Fractions, { rows, columns }: { rows: number; columns: number }): Box => ({
  left: left * columns,
  top: top * rows,
  right: right * columns,
  bottom: bottom * rows,
})

/** Intersection over union. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left)
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
  if (width <= 0 || height <= 0) return 0
  const area = ({ left, top, right, bottom }: Box) => (right - left) * (bottom - top)
  return (width * height) / (area(a) + area(b) - width * height)
}
