import { readMediaType } from './media-type.ts'

/** One representation that a client takes. */
export interface Acceptable {
  /** Of the resource or of each part; `*` in either half stands for any. */
  readonly mediaType: string
  /** A UID, `*` for whatever is stored, undefined when the client says nothing. */
  readonly transferSyntaxUid: string | undefined
  /** Whether the parts come as multipart/related; undefined leaves it to the resource. */
  readonly multipart: boolean | undefined
}

/**
 * Reads an Accept header (RFC 9110 12.5.1), or the `accept` parameter that goes before it (PS3.18 8.3.3.1), the most
 * wanted first. Nothing said means anything is taken.
 */
export function readAccept(header: string | undefined, parameter?: unknown): readonly Acceptable[] {
  // A plus sign that nobody escaped arrives as a blank.
  const asked = typeof parameter === 'string' ? parameter.replaceAll(/ (json|xml)\b/g, '+$1') : ''
  const text = asked.trim() === '' ? (header ?? '') : asked
  const ranges = splitList(text.trim() === '' ? '*/*' : text).map(readMediaType)
  return ranges
    .map((range) => ({ range, quality: qualityOf(range.parameters.get('q')) }))
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality)
    .map(({ range: { type, parameters } }) => {
      const transferSyntaxUid = parameters.get('transfer-syntax')?.trim()
      if (type !== 'multipart/related' && type !== 'multipart/*')
        return { mediaType: type, transferSyntaxUid, multipart: type === '*/*' ? undefined : false }
      return { mediaType: parameters.get('type')?.trim().toLowerCase() ?? '*/*', transferSyntaxUid, multipart: true }
    })
}

/** Whether a media type is within a range such as `image/*`. */
export function isWithin(mediaType: string, range: string): boolean {
  const [type, subtype] = mediaType.split('/')
  const [wantedType, wantedSubtype] = range.split('/')
  return (wantedType === '*' || wantedType === type) && (wantedSubtype === '*' || wantedSubtype === subtype)
}

function splitList(text: string): readonly string[] {
  return (text.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? []).map((it) => it.trim()).filter((it) => it !== '')
}

function qualityOf(text: string | undefined): number {
  const quality = text === undefined ? 1 : Number(text)
  return Number.isFinite(quality) ? quality : 1
}
