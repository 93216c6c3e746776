import { convertBytes } from 'dicom-character-set'

const ALIASES: Readonly<Record<string, string>> = {
  'UTF-8': 'ISO_IR 192',
  UTF8: 'ISO_IR 192',
  'ISO 8859-1': 'ISO_IR 100',
  'ISO-8859-1': 'ISO_IR 100',
  LATIN1: 'ISO_IR 100',
  GB2312: 'GB18030',
}

/** The Defined Term of PS3.3 C.12.1.1.2 that a sender's spelling means. */
const definedTerm = (value: string): string => {
  const spelled = value.trim().toUpperCase()
  return (
    ALIASES[spelled] ??
    spelled.replace(/^ISO[ _-]?IR[ _-]?/, 'ISO_IR ').replace(/^ISO[ _-]?2022[ _-]IR[ _-]?/, 'ISO 2022 IR ')
  )
}

/** Specific Character Set (0008,0005) as read, in Defined Terms; undefined = the default repertoire. */
export function toCharacterSet(value: string): string | undefined {
  const terms = value.split('\\').map(definedTerm)
  return terms.some((term) => term !== '') ? terms.join('\\') : undefined
}

/**
 * Text of any character set as Unicode, code extensions of PS3.5 6.1.2.5 included.
 * Never throws: text in a set that is missing or wrong is read as UTF-8 where it is that, else as Latin 1,
 * for a name that looks odd is better than a radiograph that nobody reads.
 */
export function decodeText(bytes: Uint8Array, characterSet: string | undefined, vr: string): string {
  if (bytes.every((byte) => byte < 0x80 && byte !== 0x1b)) return Buffer.from(bytes).toString('latin1')
  if (characterSet !== undefined) {
    try {
      return convertBytes(characterSet, bytes, { vr })
    } catch {
      // A set that nobody knows: the guess below.
    }
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return Buffer.from(bytes).toString('latin1')
  }
}
