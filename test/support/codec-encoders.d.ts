declare module '@cornerstonejs/codec-charls/wasmjs' {
  interface Encoder {
    getDecodedBuffer(info: object): Uint8Array
    getEncodedBuffer(): Uint8Array
    encode(): void
  }
  export default function create(): Promise<{ JpegLSEncoder: new () => Encoder }>
}
declare module '@cornerstonejs/codec-openjpeg/wasmjs' {
  interface Encoder {
    getDecodedBuffer(info: object): Uint8Array
    getEncodedBuffer(): Uint8Array
    setQuality(lossless: boolean, rate: number): void
    encode(): void
    delete(): void
  }
  export default function create(options: object): Promise<{ J2KEncoder: new () => Encoder }>
}
