import { type DisplayOptions, toDisplayTable } from './display-table.ts'
import type { Frame } from './frame.ts'

/** Every pixel as it is to be seen, row by row, in 256 grays: 0 black to 255 white (dense). */
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
