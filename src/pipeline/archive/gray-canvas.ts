import { createCanvas, type Canvas } from '@napi-rs/canvas'

/** A picture in 256 grays, row by row, 0 black, to be drawn on or from. */
export function grayCanvas(gray: Uint8Array, rows: number, columns: number): Canvas {
  const canvas = createCanvas(columns, rows)
  const context = canvas.getContext('2d')
  const image = context.createImageData(columns, rows)
  const words = new Uint32Array(image.data.buffer)
  for (let at = 0; at < words.length; at++) words[at] = 0xff000000 | ((gray[at] ?? 0) * 0x010101)
  context.putImageData(image, 0, 0)
  return canvas
}
