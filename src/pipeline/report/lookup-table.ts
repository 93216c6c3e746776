import type { Dataset } from '../../dicom/dataset.ts'

/** How a table of 9 to 15 bits becomes one of 16, which is all that a presentation state may have besides 8. */
export type Widening = 'same values' | 'same share of the range' | 'unchanged'

function toWords(data: unknown): Uint16Array {
  if (data instanceof Uint8Array) {
    const words = new Uint16Array(Math.floor(data.byteLength / 2))
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    for (let at = 0; at < words.length; at++) words[at] = view.getUint16(at * 2, true)
    return words
  }
  const values: readonly unknown[] = Array.isArray(data) ? data : [data]
  return Uint16Array.from(values, (value) => Number(value) & 0xffff)
}

/**
 * The first table of a LUT sequence, for a presentation state; nothing when its data were left out of the header.
 * LUT Data are written as words: as a list of US, 65,536 entries do not fit the 16-bit length of an explicit VR.
 * Images for presentation may have VOI LUTs of 10 to 16 bits (PS3.3 C.8.11.3.1.5), states only of 8 or 16 (C.11.2.1.1).
 */
export function lutOf(items: readonly Dataset[], widening: Widening): Dataset | undefined {
  const [lut] = items
  const descriptor = lut?.['LUTDescriptor']
  if (!lut || !Array.isArray(descriptor) || descriptor.length !== 3 || lut['LUTData'] === undefined) return undefined
  const [entries, first, bits] = descriptor.map(Number) as [number, number, number]
  const odd = bits > 8 && bits < 16 && widening !== 'unchanged'
  const factor = odd && widening === 'same share of the range' ? 65535 / (2 ** bits - 1) : 1
  const data =
    factor === 1
      ? toWords(lut['LUTData'])
      : toWords(lut['LUTData']).map((value) => Math.min(65535, Math.round(value * factor)))
  const vr = lut['_vrMap'] as Readonly<Record<string, string>> | undefined
  return {
    LUTDescriptor: [entries, first, odd ? 16 : bits],
    ...(lut['LUTExplanation'] !== undefined && { LUTExplanation: lut['LUTExplanation'] }),
    ...(lut['ModalityLUTType'] !== undefined && { ModalityLUTType: lut['ModalityLUTType'] }),
    LUTData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    _vrMap: { LUTDescriptor: vr?.['LUTDescriptor'] ?? 'US', LUTData: 'OW' },
  }
}
