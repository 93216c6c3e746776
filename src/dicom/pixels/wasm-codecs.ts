import { UndecodablePixels } from '../../errors.ts'
import type { PixelArray } from './frame.ts'
import { toPixelArray } from './native-frame.ts'

const HEAP_LIMIT_BYTES = 256 * 1024 * 1024

// Emscripten prints the codecs' chatter to stdout, where `infer --json` writes its lines.
// A new object each time: Emscripten makes it the module.
const silent = () => ({ print: () => undefined, printErr: () => undefined })

const FACTORIES = {
  'jpeg-2000': async () => {
    const { J2KDecoder } = await (await import('@cornerstonejs/codec-openjpeg/decodewasmjs')).default(silent())
    return J2KDecoder
  },
  htj2k: async () => {
    const { HTJ2KDecoder } = await (await import('@cornerstonejs/codec-openjph/wasmjs')).default(silent())
    return HTJ2KDecoder
  },
  'jpeg-ls': async () => {
    const { JpegLSDecoder } = await (await import('@cornerstonejs/codec-charls/decodewasmjs')).default(silent())
    return JpegLSDecoder
  },
  'jpeg-8': async () => {
    const { JPEGDecoder } = await (
      await import('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs')
    ).default(silent())
    return JPEGDecoder
  },
} satisfies Record<string, () => Promise<new () => WasmDecoder>>

export type WasmCodec = keyof typeof FACTORIES

// One module a codec and thread: making one takes longer than decoding an image with it.
const modules = new Map<WasmCodec, Promise<new () => WasmDecoder>>()

export interface WasmImage {
  readonly rows: number
  readonly columns: number
  readonly precision: number
  readonly pixels: PixelArray
}

/**
 * Decodes one bit stream; `reduction` resolution levels are skipped (JPEG 2000 and HTJ2K only).
 * @throws UndecodablePixels whatever the codec does: an aborted module is thrown away and the next image gets a new one.
 */
export async function decodeByWasm(codec: WasmCodec, stream: Uint8Array, reduction = 0): Promise<WasmImage> {
  const loading = modules.get(codec) ?? FACTORIES[codec]()
  modules.set(codec, loading)
  try {
    const Decoder = await loading
    const decoder = new Decoder()
    const image = decodeWith(decoder, stream, reduction)
    const heapBytes = decoder.getDecodedBuffer().buffer.byteLength
    decoder.delete()
    // A heap never shrinks: one enormous image would stay in memory for good.
    if (heapBytes > HEAP_LIMIT_BYTES) modules.delete(codec)
    return image
  } catch (cause) {
    modules.delete(codec)
    if (cause instanceof UndecodablePixels) throw cause
    throw new UndecodablePixels(`the ${codec} bit stream cannot be decoded`, { cause })
  }
}

function decodeWith(decoder: WasmDecoder, stream: Uint8Array, reduction: number): WasmImage {
  decoder.getEncodedBuffer(stream.length).set(stream)
  if (reduction > 0 && 'decodeSubResolution' in decoder) (decoder as ScalableDecoder).decodeSubResolution(reduction, 0)
  else decoder.decode()
  const info = decoder.getFrameInfo()
  if (info.componentCount !== 1) throw new UndecodablePixels(`the bit stream has ${info.componentCount} components`)
  const rows = Math.ceil(info.height / 2 ** reduction)
  const columns = Math.ceil(info.width / 2 ** reduction)
  const bitsAllocated = info.bitsPerSample <= 8 ? 8 : 16
  const decoded = decoder.getDecodedBuffer()
  const bytes = (rows * columns * bitsAllocated) / 8
  if (decoded.length < bytes) throw new UndecodablePixels('the bit stream ends before its image')
  // Out of the module's memory, which the next image overwrites.
  const pixels = toPixelArray(new Uint8Array(decoded.subarray(0, bytes)), bitsAllocated)
  return { rows, columns, precision: info.bitsPerSample, pixels }
}
