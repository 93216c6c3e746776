import dcmjs from 'dcmjs'

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
  const entry = data.DicomMetaDictionary.nameMap[keyword]
  return entry && { tag: entry.tag.replace(/[(),]/g, '').toUpperCase(), vr: entry.vr }
}

const keywords = new Map<string, string>()

/** The PS3.6 keyword of a tag; undefined for private and unknown tags. */
export function keywordOf(tag: string): string | undefined {
  if (keywords.size === 0) {
    for (const keyword of Object.keys(data.DicomMetaDictionary.nameMap)) {
      const at = attributeOf(keyword)
      if (at && !keyword.startsWith('RETIRED_')) keywords.set(at.tag, keyword)
    }
  }
  return keywords.get(tag.toUpperCase())
}
