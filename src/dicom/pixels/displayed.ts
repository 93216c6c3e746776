import { type DisplayOptions, toDisplayTable } from './display-table.ts'
import type { Frame } from './frame.ts'

/** Every pixel as it is to be seen, row by row: 0 black to 1 white (dense). */
export function toDisplayed(frame: Frame, options: DisplayOptions = {}): Float32Array {
  const table = toDisplayTable(frame, options)
  const { pixels } = frame
  const out = new Float32Array(pixels.length)
  if (typeof table === 'function') for (let i = 0; i < out.length; i++) out[i] = table(pixels[i] as number)
  else for (let i = 0; i < out.length; i++) out[i] = table[pixels[i] as number] as number
  return out
}

/** The same in 256 grays, a quarter of the memory: what pictures are made of. */
export function toGray(frame: Frame, options: DisplayOptions = {}): Uint8Array {
  const table = toDisplayTable(frame, options)
  const { pixels } = frame
  const out = new Uint8Array(pixels.length)
  const gray = typeof table === 'function' ? table : Uint8Array.from(table, (value) => Math.round(value * 255))
  if (typeof gray === 'function')
    for (let i = 0; i < out.length; i++) out[i] = Math.round(gray(pixels[i] as number) * 255)
  else for (let i = 0; i < out.length; i++) out[i] = gray[pixels[i] as number] as number
  return out
}
