import type { Frame, PixelAttributes, Window } from './frame.ts'
import { lookUp } from './lookup-table.ts'

/** What every raw value of a frame looks like: 0 black to 1 white; or, for 32-bit frames, how to compute it. */
export type DisplayTable = Float32Array | ((raw: number) => number)

export interface DisplayOptions {
  /** Takes the place of the header's window and VOI LUT. */
  readonly window?: Window
}

/**
 * Stored bits → Modality LUT → VOI LUT → photometric interpretation, composed into one table over the raw values.
 * A VOI LUT Sequence goes before a window, the first of several is taken (PS3.3 C.11.2.1). Without either, the range
 * of the image itself is the window. Padding is black. PresentationLUTShape says nothing that the photometric
 * interpretation does not (PS3.3 C.8.11.3.1.2), and where they contradict each other the latter is believed.
 */
export function toDisplayTable(frame: Frame, options: DisplayOptions = {}): DisplayTable {
  const { attributes, pixels } = frame
  const show = toVoi(frame, options.window ?? null)
  const inverted = frame.photometricInterpretation === 'MONOCHROME1'
  const display = (raw: number): number => {
    const stored = toStored(frame, raw)
    if (isPadding(attributes, stored)) return 0
    const shown = show(toModality(attributes, stored))
    const bounded = shown > 0 ? Math.min(shown, 1) : 0
    return inverted ? 1 - bounded : bounded
  }
  if (pixels.BYTES_PER_ELEMENT === 4) return display
  const table = new Float32Array(pixels.BYTES_PER_ELEMENT === 1 ? 256 : 65_536)
  // Bits above HighBit change nothing: what lies below them is worked out once, not for each of their values.
  const period = Math.min(2 ** (frame.highBit + 1), table.length)
  for (let raw = 0; raw < period; raw++) table[raw] = display(raw)
  if (isClamped(frame)) return table.fill(table[period - 1] as number, period)
  for (let filled = period; filled < table.length; filled *= 2) table.copyWithin(filled, 0, filled)
  return table
}

/** Takes the stored bits out of their cell and extends the sign (PS3.5 section 8.1.1). */
export function toStored(frame: Frame, raw: number): number {
  const unused = 32 - frame.bitsStored
  if (isClamped(frame)) return Math.min(raw, 0xffff_ffff >>> unused)
  const bits = (raw >>> (frame.highBit + 1 - frame.bitsStored)) << unused
  return frame.pixelRepresentation === 1 ? bits >> unused : bits >>> unused
}

function isClamped({ lossy, pixelRepresentation, highBit, bitsStored }: Frame): boolean {
  return lossy && pixelRepresentation === 0 && highBit + 1 === bitsStored
}

function isPadding({ padding }: PixelAttributes, stored: number): boolean {
  return padding !== null && stored >= padding.low && stored <= padding.high
}

function toModality({ modalityLut, rescale }: PixelAttributes, stored: number): number {
  return modalityLut === null ? stored * rescale.slope + rescale.intercept : lookUp(modalityLut, stored)
}

function toVoi(frame: Frame, override: Window | null): (value: number) => number {
  const { voiLut, window } = frame.attributes
  if (override !== null) return (value) => applyWindow(override, value)
  if (voiLut !== null) return (value) => lookUp(voiLut, value) / (2 ** voiLut.bits - 1)
  if (window !== null) return (value) => applyWindow(window, value)
  const [low, high] = rangeOf(frame)
  return high > low ? (value) => (value - low) / (high - low) : () => 0
}

/** 0 to 1 by the functions of PS3.3 C.11.2.1.2 and C.11.2.1.3. */
function applyWindow({ center, width, shape }: Window, value: number): number {
  if (shape === 'SIGMOID') return 1 / (1 + Math.exp((-4 * (value - center)) / width))
  if (shape === 'LINEAR_EXACT') return (value - center) / width + 0.5
  if (value <= center - 0.5 - (width - 1) / 2) return 0
  if (value > center - 0.5 + (width - 1) / 2) return 1
  return (value - (center - 0.5)) / (width - 1) + 0.5
}

/** Least and greatest modality value of the pixels that are no padding. */
function rangeOf(frame: Frame): readonly [number, number] {
  let low = Infinity
  let high = -Infinity
  for (const raw of distinct(frame)) {
    const stored = toStored(frame, raw)
    if (isPadding(frame.attributes, stored)) continue
    const value = toModality(frame.attributes, stored)
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return [low, high]
}

function distinct({ pixels }: Frame): Iterable<number> {
  if (pixels.BYTES_PER_ELEMENT === 4) return pixels
  const seen = new Uint8Array(pixels.BYTES_PER_ELEMENT === 1 ? 256 : 65_536)
  for (let i = 0; i < pixels.length; i++) seen[pixels[i] as number] = 1
  return [...seen.keys()].filter((raw) => seen[raw] === 1)
}
