import type { DataSet } from 'dicom-parser'
import { UndecodablePixels } from '../../errors.ts'
import type { PixelAttributes, Window } from './frame.ts'
import { type LookupTable, toLookupTable } from './lookup-table.ts'

/** Reads the Image Pixel, Modality LUT and VOI LUT modules (PS3.3 C.7.6.3, C.11.1, C.11.2) straight from the parsed file. */
export function readPixelAttributes(dataset: DataSet): PixelAttributes {
  const bitsAllocated = dataset.uint16('x00280100') ?? 0
  if (![8, 16, 32].includes(bitsAllocated))
    throw new UndecodablePixels(`BitsAllocated ${bitsAllocated} is not supported`)
  const bitsStored = within(dataset.uint16('x00280101') ?? bitsAllocated, 1, bitsAllocated) ?? bitsAllocated
  const pixelRepresentation = dataset.uint16('x00280103') === 1 ? 1 : 0
  const modalityLut = readTable(dataset, 'x00283000', pixelRepresentation === 1)
  const rescale = { slope: decimal(dataset, 'x00281053') ?? 1, intercept: decimal(dataset, 'x00281052') ?? 0 }
  const modalitySigned = modalityLut === null && (pixelRepresentation === 1 || rescale.intercept < 0)
  return {
    rows: dataset.uint16('x00280010') ?? 0,
    columns: dataset.uint16('x00280011') ?? 0,
    numberOfFrames: Math.max(1, Math.trunc(decimal(dataset, 'x00280008') ?? 1)),
    samplesPerPixel: dataset.uint16('x00280002') ?? 1,
    bitsAllocated,
    bitsStored,
    highBit: within(dataset.uint16('x00280102') ?? bitsStored - 1, bitsStored - 1, bitsAllocated - 1) ?? bitsStored - 1,
    pixelRepresentation,
    photometricInterpretation: (dataset.string('x00280004') ?? 'MONOCHROME2').trim(),
    padding: readPadding(dataset, pixelRepresentation === 1),
    rescale: rescale.slope === 0 ? { slope: 1, intercept: rescale.intercept } : rescale,
    modalityLut,
    voiLut: readTable(dataset, 'x00283010', modalitySigned),
    window: readWindow(dataset),
    pixelAspectRatio: readAspectRatio(dataset),
  }
}

function readWindow(dataset: DataSet): Window | null {
  const center = decimal(dataset, 'x00281050')
  const width = decimal(dataset, 'x00281051')
  if (center === undefined || width === undefined) return null
  const name = (dataset.string('x00281056') ?? '').trim().toUpperCase()
  const shape = name === 'SIGMOID' || name === 'LINEAR_EXACT' ? name : 'LINEAR'
  // LINEAR needs a width of at least 1, the others one above 0; a header that breaks this has no window (PS3.3 C.11.2.1.2).
  return (shape === 'LINEAR' ? width >= 1 : width > 0) ? { center, width, shape } : null
}

function readPadding(dataset: DataSet, signed: boolean): PixelAttributes['padding'] {
  const read = (tag: string) => (signed ? dataset.int16(tag) : dataset.uint16(tag))
  const value = read('x00280120')
  if (value === undefined) return null
  const limit = read('x00280121') ?? value
  return { low: Math.min(value, limit), high: Math.max(value, limit) }
}

/** The first item of a LUT sequence; `signed` says how its first mapped value is to be read. */
function readTable(dataset: DataSet, sequence: string, signed: boolean): LookupTable | null {
  const item = dataset.elements[sequence]?.items?.[0]?.dataSet
  const data = item?.elements['x00283006']
  if (item === undefined || data === undefined) return null
  const entries = item.uint16('x00283002', 0) ?? 0
  const first = signed ? item.int16('x00283002', 1) : item.uint16('x00283002', 1)
  const bits = item.uint16('x00283002', 2) ?? 0
  const length = entries === 0 ? 65_536 : entries
  // Entries of 8 bits may be packed two to a word (PS3.3 C.11.1.1.1).
  const packed = data.length < 2 * length && bits <= 8
  const values = packed
    ? new Uint8Array(item.byteArray.subarray(data.dataOffset, data.dataOffset + data.length))
    : Uint16Array.from({ length: Math.min(length, data.length >> 1) }, (_, i) => item.uint16('x00283006', i) ?? 0)
  // What a shorter table would show is not what the sender meant, and could look like a healthy lung.
  if (values.length < length) {
    throw new UndecodablePixels(`a LUT holds ${values.length} of the ${length} entries of its descriptor`)
  }
  return toLookupTable([entries, first ?? 0, bits], values)
}

/** PixelAspectRatio, else the spacing at the patient or the detector; lies (zero, negative, beyond 10:1) count as square. */
function readAspectRatio(dataset: DataSet): number {
  for (const tag of ['x00280034', 'x00280030', 'x00181164']) {
    const vertical = decimal(dataset, tag, 0)
    const horizontal = decimal(dataset, tag, 1)
    if (vertical === undefined || horizontal === undefined || !(vertical > 0) || !(horizontal > 0)) continue
    return within(vertical / horizontal, 0.1, 10) ?? 1
  }
  return 1
}

function decimal(dataset: DataSet, tag: string, index = 0): number | undefined {
  const value = Number.parseFloat(dataset.string(tag)?.split('\\')[index] ?? '')
  return Number.isFinite(value) ? value : undefined
}

function within(value: number, low: number, high: number): number | undefined {
  return value >= low && value <= high ? value : undefined
}
