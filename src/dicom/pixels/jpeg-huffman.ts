import { UndecodablePixels } from '../../errors.ts'

const LOOKUP_BITS = 11

export interface HuffmanTable {
  /** By the next 11 bits: code length << 8 | symbol; 0 when the code is longer. */
  readonly lookup: Uint16Array
  /** By code length: first code of that length subtracted from its place in `symbols`, and one past its last code. */
  readonly delta: Int32Array
  readonly limit: Int32Array
  readonly symbols: Uint8Array
}

/** Canonical codes from counts by length (ITU-T T.81 annex C). */
export function toHuffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const lookup = new Uint16Array(1 << LOOKUP_BITS)
  const delta = new Int32Array(17)
  const limit = new Int32Array(17)
  let code = 0
  let place = 0
  for (let length = 1; length <= 16; length++) {
    const count = counts[length - 1] ?? 0
    delta[length] = place - code
    if (code + count > 1 << length) throw new UndecodablePixels('a JPEG Huffman table has too many codes')
    for (let i = 0; i < count; i++, code++, place++) {
      if (length > LOOKUP_BITS) continue
      const first = code << (LOOKUP_BITS - length)
      lookup.fill((length << 8) | (symbols[place] ?? 0), first, first + (1 << (LOOKUP_BITS - length)))
    }
    limit[length] = code
    code <<= 1
  }
  return { lookup, delta, limit, symbols }
}

/** Reads symbols and bits from unstuffed bytes that end in spare ones; `position` counts bits. */
export class BitReader {
  position = 0
  readonly #bytes: Uint8Array
  readonly #end: number

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#end = (bytes.length - 4) * 8
  }

  /** The next 25 bits or more at the top of an int32. */
  peek(): number {
    const { position } = this
    const bytes = this.#bytes
    const at = position >>> 3
    const word =
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)
    return word << (position & 7)
  }

  symbol(table: HuffmanTable): number {
    const word = this.peek()
    const entry = table.lookup[word >>> (32 - LOOKUP_BITS)] as number
    if (entry !== 0) {
      this.position += entry >>> 8
      return entry & 0xff
    }
    for (let length = LOOKUP_BITS + 1; length <= 16; length++) {
      const code = word >>> (32 - length)
      if (code < (table.limit[length] as number)) {
        this.position += length
        return table.symbols[code + (table.delta[length] as number)] ?? 0
      }
    }
    throw new UndecodablePixels('the JPEG bit stream holds a code that its tables lack')
  }

  /** EXTEND(RECEIVE(n), n) of ITU-T T.81 F.2.2.1; n from 1 to 16. */
  signed(bits: number): number {
    const value = this.peek() >>> (32 - bits)
    this.position += bits
    return value < 1 << (bits - 1) ? value - (1 << bits) + 1 : value
  }

  /**
   * A category and the difference of so many bits behind it (ITU-T T.81 F.2.2.1, H.2.2), most of them by one look at
   * the bytes. Category 16 means 32768 and is followed by no bits (H.1.2.2).
   */
  difference(table: HuffmanTable): number {
    const word = this.peek()
    const entry = table.lookup[word >>> (32 - LOOKUP_BITS)] as number
    const bits = entry & 0xff
    if (entry !== 0 && bits <= 25 - LOOKUP_BITS) {
      const length = entry >>> 8
      this.position += length + bits
      if (bits === 0) return 0
      const value = (word << length) >>> (32 - bits)
      return value < 1 << (bits - 1) ? value - (1 << bits) + 1 : value
    }
    const category = this.symbol(table)
    return category === 0 ? 0 : category >= 16 ? 32_768 : this.signed(category)
  }

  /** True once more was read than there is. */
  get overrun(): boolean {
    return this.position > this.#end
  }
}
