declare module '@cornerstonejs/codec-charls/wasmjs' {
  interface Encoder {
    getDecodedBuffer(info: object): Uint8Array
    getEncodedBuffer(): Uint8Array
    encode(): void
  }
  export default function create(): Promise<{ JpegLSEncoder: new () => Encoder }>
}
