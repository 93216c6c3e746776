import dcmjs from 'dcmjs'

/** A row of PS3.6 table 6-1. */
export interface DictionaryRow {
  readonly keyword: string
  readonly vr: string
  readonly vm: string
}

interface Named {
  readonly tag: string
  readonly vr: string
  readonly vm: string
}

const rows = new Map<string, DictionaryRow>()
const tags = new Map<string, string>()
// The name map is the part of dcmjs's dictionary that can be listed; tags of private and repeating groups are not in it.
for (const [keyword, row] of Object.entries(dcmjs.data.DicomMetaDictionary.nameMap)) {
  const { tag: written, vr, vm } = row as Named
  const tag = typeof written === 'string' ? written.replaceAll(/[(),]/g, '').toUpperCase() : ''
  if (!/^[0-9A-F]{8}$/.test(tag)) continue
  rows.set(tag, { keyword, vr, vm })
  tags.set(keyword, tag)
}

/** The row of a tag (eight upper-case hexadecimal digits), if PS3.6 knows it. */
export const dictionaryRow = (tag: string): DictionaryRow | undefined => rows.get(tag)

/** The tag of a PS3.6 keyword, if there is such a keyword. */
export const tagOf = (keyword: string): string | undefined => tags.get(keyword)

const AMBIGUOUS: Readonly<Record<string, string>> = { xs: 'US', ox: 'OW', lt: 'OW', 'US or SS': 'US', 'OB or OW': 'OW' }

/** The VR that an implicit data set leaves out; signed pixels turn the ambiguous ones to SS (PS3.5 A.1, PS3.6). */
export function implicitVr(tag: string, signed: boolean): string {
  if (tag.endsWith('0000')) return 'UL'
  if (/^[0-9A-F]{3}[13579BDF]/.test(tag)) return /00[1-9A-F][0-9A-F]$/.test(tag) ? 'LO' : 'UN'
  const vr = rows.get(tag)?.vr
  if (vr === undefined) return /^60..3000$/.test(tag) ? 'OW' : 'UN'
  if (vr === 'xs' && signed) return 'SS'
  return AMBIGUOUS[vr] ?? vr
}
