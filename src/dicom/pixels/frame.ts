import type { Dataset } from '../dataset.ts'

export type PixelArray = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array

/** One decoded frame: stored values as the codec gives them (still with overlay bits and without sign extension). */
export interface Frame {
  /** Of the pixels given: fewer than stored when resolution levels were skipped. */
  readonly rows: number
  readonly columns: number
  readonly storedRows: number
  readonly storedColumns: number
  readonly samplesPerPixel: number
  readonly bitsAllocated: number
  readonly bitsStored: number
  readonly highBit: number
  /** 0 unsigned, 1 two's complement. */
  readonly pixelRepresentation: 0 | 1
  readonly photometricInterpretation: string
  /** Row by row, samples interleaved (RGBRGB…). */
  readonly pixels: PixelArray
  /** Vertical to horizontal size of a pixel; 1 when square or unknown. */
  readonly pixelAspectRatio: number
  /** The header by PS3.6 keywords, for the LUTs. */
  readonly dataset: Dataset
}

export interface DecodeOptions {
  /** From 1, as in WADO-RS; the first when absent. */
  readonly frame?: number
  /** Resolution levels to skip where the codec can (JPEG 2000, HTJ2K); each halves rows and columns. */
  readonly reduction?: number
}
