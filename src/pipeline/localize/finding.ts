import type { Code } from '../../dicom/code.ts'

/** Image pixels, continuous: 0,0 is the top left corner of the first pixel of the stored matrix. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** Image pixels, the same space as {@link Box}. */
export interface Point {
  readonly column: number
  readonly row: number
}

export type RegionMethod = 'detected' | 'weakly-localized'

/** Coordinates are rounded to 0.1 pixel. The polygon is not closed (its first point is not repeated), at most 100 points. */
export interface Region {
  readonly method: RegionMethod
  readonly box: Box
  readonly polygon?: readonly Point[]
}

/** What a model says about an image, or about one place in it. */
export interface Finding {
  readonly label: string
  readonly code: Code
  readonly site: Code | null
  /** 0 to 1, three decimals. */
  readonly score: number
  /** At or above the operating point (or the region threshold). */
  readonly present: boolean
  /** Null is a statement on the whole image. */
  readonly region: Region | null
}
