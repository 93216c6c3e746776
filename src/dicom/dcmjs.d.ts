/** dcmjs has no types: this is all of it that writing needs. */
declare module 'dcmjs' {
  interface DcmjsElement {
    readonly vr: string
    readonly Value: readonly unknown[]
  }
  const dcmjs: {
    readonly data: {
      readonly DicomDict: new (meta: Record<string, DcmjsElement>) => {
        dict: Record<string, DcmjsElement>
        write(): ArrayBuffer
      }
      readonly DicomMetaDictionary: {
        readonly nameMap: Readonly<Record<string, { readonly tag: string; readonly vr: string } | undefined>>
      }
    }
  }
  export default dcmjs
}
