import dcmjs from 'dcmjs'
import { dictionaryRow, tagOf } from './dictionary.ts'

/** An element as dcmjs writes it. */
export interface DcmjsElement {
  readonly vr: string
  readonly Value: readonly unknown[]
}

export type DcmjsElements = Record<string, DcmjsElement>

const { data } = dcmjs

/** The File Meta Information and data set as a Part 10 file, explicit little endian, sequences of undefined length. */
export function serialise(meta: DcmjsElements, elements: DcmjsElements): Uint8Array {
  const file = new data.DicomDict(meta)
  file.dict = elements
  return new Uint8Array(file.write())
}

/** Tag (eight hexadecimal digits) and VR of a PS3.6 keyword; undefined when there is no such keyword. */
export function attributeOf(keyword: string): { readonly tag: string; readonly vr: string } | undefined {
  const tag = tagOf(keyword)
  const vr = tag === undefined ? undefined : dictionaryRow(tag)?.vr
  return tag === undefined || vr === undefined ? undefined : { tag, vr }
}

/** The PS3.6 keyword of a tag; undefined for private, retired and unknown tags. */
export function keywordOf(tag: string): string | undefined {
  const keyword = dictionaryRow(tag.toUpperCase())?.keyword
  return keyword?.startsWith('RETIRED_') ? undefined : keyword
}
