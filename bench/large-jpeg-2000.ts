import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import createOpenJpeg from '@cornerstonejs/codec-openjpeg/wasmjs'
import { encapsulated } from '../test/support/encapsulated.ts'

const ROWS = 3000
const COLUMNS = 2500

/** Writes a lossless JPEG 2000 radiograph of 7.5 Mpixel and 12 bits: lung-like shapes with the noise of a detector. */
export async function writeLargeJpeg2000(folder: string): Promise<string> {
  const { J2KEncoder } = await createOpenJpeg({ print: () => undefined, printErr: () => undefined })
  const encoder = new J2KEncoder()
  const frame = {
    width: COLUMNS,
    height: ROWS,
    bitsPerSample: 12,
    componentCount: 1,
    isSigned: false,
    isUsingColorTransform: false,
  }
  encoder.getDecodedBuffer(frame).set(new Uint8Array(pixels().buffer))
  encoder.setQuality(true, 0)
  encoder.encode()
  const stream = Uint8Array.from(encoder.getEncodedBuffer())
  encoder.delete()
  const path = join(folder, 'made_12bit_7.5_megapixel_j2kr.dcm')
  writeFileSync(path, encapsulated('1.2.840.10008.1.2.4.90', [stream], { Rows: ROWS, Columns: COLUMNS }))
  return path
}

function pixels(): Uint16Array {
  const out = new Uint16Array(ROWS * COLUMNS)
  let random = 1
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0
      const [x, y] = [column / COLUMNS, row / ROWS]
      const lung = Math.max(
        Math.exp(-(((x - 0.3) / 0.12) ** 2) - ((y - 0.5) / 0.3) ** 2),
        Math.exp(-(((x - 0.7) / 0.12) ** 2) - ((y - 0.5) / 0.3) ** 2),
      )
      out[row * COLUMNS + column] = 2800 - 1800 * lung + 200 * Math.sin(y * 90) + (random >>> 27)
    }
  }
  return out
}
