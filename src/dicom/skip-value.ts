import { UnreadableInstance } from '../errors.ts'
import type { ElementHeader, Encoding } from './element-header.ts'
import {
  HEADER_BYTES,
  ITEM,
  ITEM_END,
  MAXIMUM_DEPTH,
  SEQUENCE_END,
  UNDEFINED_LENGTH,
  readElementHeader,
} from './element-header.ts'
import type { FileWindow } from './file-window.ts'

const IMPLICIT: Encoding = { explicit: false, bigEndian: false }

/**
 * The offset behind an element's value. Only what has no length is walked through, with a list of open
 * sequences and items instead of recursion. Throws UnreadableInstance where it does not end.
 */
export async function skipValue(
  window: FileWindow,
  start: number,
  element: ElementHeader,
  encoding: Encoding,
): Promise<number> {
  if (element.length !== UNDEFINED_LENGTH) return within(window, start + element.length)
  const open: { readonly kind: 'sequence' | 'item'; readonly encoding: Encoding }[] = [
    { kind: 'sequence', encoding: inside(element, encoding) },
  ]
  let offset = start
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const next = readElementHeader(await window.at(offset, HEADER_BYTES), 0, top.encoding)
    offset += next.size
    if (next.tag === (top.kind === 'sequence' ? SEQUENCE_END : ITEM_END)) open.pop()
    else if (top.kind === 'sequence' && next.tag !== ITEM)
      throw new UnreadableInstance('A sequence holds something that is no item')
    else if (next.length !== UNDEFINED_LENGTH) offset = within(window, offset + next.length)
    else if (top.kind === 'sequence') open.push({ kind: 'item', encoding: top.encoding })
    else open.push({ kind: 'sequence', encoding: inside(next, top.encoding) })
    if (open.length > 2 * MAXIMUM_DEPTH)
      throw new UnreadableInstance(`Sequences are nested over ${MAXIMUM_DEPTH} levels`)
  }
  return offset
}

/** A sequence under VR UN is implicit little endian (PS3.5 6.2.2). */
const inside = ({ vr }: ElementHeader, encoding: Encoding): Encoding => (vr === 'UN' ? IMPLICIT : encoding)

function within(window: FileWindow, offset: number): number {
  if (offset > window.sizeBytes) throw new UnreadableInstance('The file ends inside an element')
  return offset
}
