/** The Emscripten builds carry no types; this is the part of them that we call. */
interface EmscriptenOptions {
  print?: (line: string) => void
  printErr?: (line: string) => void
}

interface FrameInfo {
  width: number
  height: number
  bitsPerSample: number
  componentCount: number
  isSigned?: boolean
}

interface WasmDecoder {
  getEncodedBuffer(length: number): Uint8Array
  getDecodedBuffer(): Uint8Array
  getFrameInfo(): FrameInfo
  decode(): void
  delete(): void
}

interface ScalableDecoder extends WasmDecoder {
  decodeSubResolution(level: number, layer: number): void
  readHeader(): void
  getNumDecompositions(): number
  calculateSizeAtDecompositionLevel(level: number): { width: number; height: number }
}

declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  export default function create(options?: EmscriptenOptions): Promise<{ J2KDecoder: new () => ScalableDecoder }>
}
declare module '@cornerstonejs/codec-openjph/wasmjs' {
  export default function create(options?: EmscriptenOptions): Promise<{ HTJ2KDecoder: new () => ScalableDecoder }>
}
declare module '@cornerstonejs/codec-charls/decodewasmjs' {
  export default function create(options?: EmscriptenOptions): Promise<{ JpegLSDecoder: new () => WasmDecoder }>
}
declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  export default function create(options?: EmscriptenOptions): Promise<{ JPEGDecoder: new () => WasmDecoder }>
}
