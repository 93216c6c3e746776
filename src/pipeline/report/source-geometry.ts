import { sourceNumbers } from './source-header.ts'
import type { ReportImage } from './report-input.ts'

/** Rows and Columns of the stored matrix; zero where even the header does not tell. */
export function matrixOf({ instance }: ReportImage): { readonly rows: number; readonly columns: number } {
  const [rows = 0] = sourceNumbers(instance.header, 'Rows')
  const [columns = 0] = sourceNumbers(instance.header, 'Columns')
  return { rows: instance.rows ?? rows, columns: instance.columns ?? columns }
}

export interface PixelSpacing {
  readonly verticalMm: number
  readonly horizontalMm: number
}

/** Pixel Spacing, else Imager Pixel Spacing; real senders write 0.000, which is unknown. */
export function pixelSpacingOf({ instance }: ReportImage): PixelSpacing | undefined {
  for (const keyword of ['PixelSpacing', 'ImagerPixelSpacing']) {
    const [verticalMm = 0, horizontalMm = 0] = sourceNumbers(instance.header, keyword)
    if (verticalMm > 0 && horizontalMm > 0) return { verticalMm, horizontalMm }
  }
  return undefined
}

/** A length as DS: eight significant digits, no trailing zeros, at most 16 characters. */
export function decimalString(value: number): string {
  return String(Number(value.toPrecision(8))).slice(0, 16)
}
