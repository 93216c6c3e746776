import type { Box, Point } from '../localize/finding.ts'

/** Image pixels; the label's own rectangle and the corner of its region that it belongs to. */
export interface PlacedLabel {
  readonly box: Box
  readonly anchor: Point
}

export interface Label {
  readonly text: string
  readonly region: Box
}

export interface Matrix {
  readonly rows: number
  readonly columns: number
}

/** Height of a line in image pixels: 13 pixels of a picture that is 512 high, the same share of every other. */
export function lineHeight({ rows, columns }: Matrix): number {
  return Math.max(8, Math.round(Math.max(rows, columns) * 0.026))
}

/** Of a proportional font in bold, on the safe side. */
export function labelWidth(text: string, line: number): number {
  return Math.ceil(text.length * line * 0.56 + line * 0.4)
}

/** The foot of the picture, where the footer stands. */
export function footerBox(matrix: Matrix): Box {
  return { left: 0, top: matrix.rows - lineHeight(matrix) * 1.2, right: matrix.columns, bottom: matrix.rows }
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

/** Beyond this many labels no picture is legible, and looking for room would take quadratic time. */
const MOST_LABELS = 150

/** Above, below, inside, right-aligned; then line by line away from the region. */
function* candidates(region: Box, width: number, line: number, matrix: Matrix): Generator<readonly [number, number]> {
  const lefts = [region.left, region.right - width]
  for (const left of lefts) {
    yield [left, region.top - line]
    yield [left, region.bottom]
    yield [left, region.top]
  }
  for (let step = 1; step * line < matrix.rows; step++) {
    for (const left of [...lefts, 0, matrix.columns - width]) {
      yield [left, region.top - line * (step + 1)]
      yield [left, region.bottom + line * step]
    }
  }
}

/**
 * A rectangle for each label, inside the image, clear of the footer and of the labels before it. With more labels than
 * the image has room for, those that are left over lie at their region all the same.
 */
export function placeLabels(labels: readonly Label[], matrix: Matrix): readonly PlacedLabel[] {
  const line = lineHeight(matrix)
  const floor = Math.max(line, footerBox(matrix).top)
  const taken: Box[] = []
  return labels.map(({ text, region }) => {
    const width = Math.min(labelWidth(text, line), matrix.columns)
    const at = (left: number, top: number): Box => {
      const x = Math.min(Math.max(left, 0), matrix.columns - width)
      const y = Math.min(Math.max(top, 0), floor - line)
      return { left: x, top: y, right: x + width, bottom: y + line }
    }
    let box = at(region.left, region.top - line)
    if (taken.length < MOST_LABELS) {
      for (const [left, top] of candidates(region, width, line, matrix)) {
        const candidate = at(left, top)
        // moved sideways it still belongs to its region; moved up or down it would lie on the outline
        if (candidate.top === top && taken.every((other) => !overlap(candidate, other))) {
          box = candidate
          break
        }
      }
      taken.push(box)
    }
    return { box: roundBox(box), anchor: { column: region.left, row: region.top } }
  })
}

function roundBox({ left, top, right, bottom }: Box): Box {
  const round = (value: number): number => Math.round(value * 100) / 100
  return { left: round(left), top: round(top), right: round(right), bottom: round(bottom) }
}
