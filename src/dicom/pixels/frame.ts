import type { LookupTable } from './lookup-table.ts'

export type PixelArray = Uint8Array | Uint16Array | Uint32Array

export interface Window {
  readonly center: number
  readonly width: number
  readonly shape: 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID'
}

/** What the header says on how stored values become displayed ones; LUTs and numbers are checked already. */
export interface PixelAttributes {
  readonly rows: number
  readonly columns: number
  readonly numberOfFrames: number
  readonly samplesPerPixel: number
  readonly bitsAllocated: number
  readonly bitsStored: number
  readonly highBit: number
  /** 0 unsigned, 1 two's complement. */
  readonly pixelRepresentation: 0 | 1
  readonly photometricInterpretation: string
  /** Inclusive range of stored values that are no image (PS3.3 C.7.5.1.1.2), or null. */
  readonly padding: { readonly low: number; readonly high: number } | null
  readonly rescale: { readonly slope: number; readonly intercept: number }
  /** Takes the place of `rescale` (PS3.3 C.11.1). */
  readonly modalityLut: LookupTable | null
  readonly voiLut: LookupTable | null
  /** The first of the header's windows. */
  readonly window: Window | null
  /** Vertical to horizontal size of a pixel; 1 when square or unknown. */
  readonly pixelAspectRatio: number
}

/** One decoded frame. */
export interface Frame {
  /** Of the pixels given: fewer than stored when resolution levels were skipped. */
  readonly rows: number
  readonly columns: number
  readonly storedRows: number
  readonly storedColumns: number
  /** Resolution levels that were skipped: a pixel given stands for 2^reduction stored ones each way. */
  readonly reduction: number
  readonly samplesPerPixel: number
  readonly bitsAllocated: number
  readonly bitsStored: number
  readonly highBit: number
  readonly pixelRepresentation: 0 | 1
  readonly photometricInterpretation: string
  readonly pixelAspectRatio: number
  /** Row by row, one sample a pixel. Raw bits: overlay bits not masked, sign not extended; `toStored` of display-table.ts does it. */
  readonly pixels: PixelArray
  /** A lossy codec may overshoot the stored range: such values are clamped and not masked. */
  readonly lossy: boolean
  readonly attributes: PixelAttributes
}

export interface DecodeOptions {
  /** From 1, as in WADO-RS; the first when absent. */
  readonly frame?: number
  /** Resolution levels to skip where the codec can (JPEG 2000, HTJ2K); each halves rows and columns. */
  readonly reduction?: number
}
