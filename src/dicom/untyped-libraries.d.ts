// dicom-character-set ships no types; this is all of it that we use.
declare module 'dicom-character-set' {
  export function convertBytes(characterSet: string | undefined, bytes: Uint8Array, options?: { vr?: string }): string
}
