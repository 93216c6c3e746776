import { deflateRawSync } from 'node:zlib'
import dcmjs from 'dcmjs'
import { COMPUTED_RADIOGRAPHY } from '../../src/dicom/sop-class.ts'
import { DEFLATED_EXPLICIT_LITTLE_ENDIAN, EXPLICIT_LITTLE_ENDIAN } from '../../src/dicom/transfer-syntax.ts'
import { deriveUid } from '../../src/dicom/uid.ts'
import type { SeriesInstanceUid, SopInstanceUid, StudyInstanceUid } from '../../src/dicom/uid.ts'

export interface MadeRadiograph {
  readonly bytes: Buffer
  readonly studyInstanceUid: StudyInstanceUid
  readonly seriesInstanceUid: SeriesInstanceUid
  readonly sopInstanceUid: SopInstanceUid
  readonly sopClassUid: string
}

export interface RadiographOptions {
  /** Explicit little endian (default), implicit or deflated. */
  readonly transferSyntaxUid?: string
  /** Another number makes another study, series and instance; the pixels differ too. */
  readonly seed?: number
  /** Replaces the pixels (little endian words). */
  readonly pixels?: Uint16Array
}

const { DicomDict, DicomMetaDictionary } = dcmjs.data

interface Written {
  readonly vr: string
  readonly Value: readonly unknown[]
}

/** Keywords to what dcmjs's writer takes; lists of objects are items of a sequence. */
function denaturalise(dataset: Readonly<Record<string, unknown>>): Record<string, Written> {
  const elements: Record<string, Written> = {}
  for (const [keyword, value] of Object.entries(dataset)) {
    const entry = DicomMetaDictionary.nameMap[keyword]
    if (entry === undefined) throw new Error(`${keyword} is no keyword of PS3.6`)
    const tag = entry.tag.replaceAll(/[(),]/g, '').toUpperCase()
    const vr = { ox: 'OW', xs: 'US', lt: 'US' }[entry.vr] ?? entry.vr
    const values: unknown[] = Array.isArray(value) ? value : [value]
    const Value = vr === 'SQ' ? values.map((item) => denaturalise(item as Record<string, unknown>)) : values
    elements[tag] = { vr, Value }
  }
  return elements
}

/** A Part 10 file of a synthetic frontal chest radiograph without a patient; `overrides` are PS3.6 keywords (undefined removes one). */
export function makeRadiograph(
  overrides: Readonly<Record<string, unknown>> = {},
  options: RadiographOptions = {},
): MadeRadiograph {
  const seed = options.seed ?? 1
  const rows = sizeOf(overrides['Rows'], 80)
  const columns = sizeOf(overrides['Columns'], 64)
  const pixels = options.pixels ?? chestLike(rows, columns, seed)
  const dataset: Record<string, unknown> = {
    SpecificCharacterSet: 'ISO_IR 192',
    ImageType: ['ORIGINAL', 'PRIMARY'],
    SOPClassUID: COMPUTED_RADIOGRAPHY,
    SOPInstanceUID: deriveUid('test instance', String(seed)),
    StudyInstanceUID: deriveUid('test study', String(seed)),
    SeriesInstanceUID: deriveUid('test series', String(seed)),
    StudyDate: '20260101',
    StudyTime: '120000',
    Modality: 'CR',
    Manufacturer: 'Test',
    AccessionNumber: '',
    ReferringPhysicianName: '',
    StudyID: '1',
    SeriesNumber: 1,
    InstanceNumber: 1,
    PatientName: 'Test^Phantom',
    PatientID: `TEST-${seed}`,
    PatientBirthDate: '',
    PatientSex: 'O',
    PatientAge: '060Y',
    BodyPartExamined: 'CHEST',
    ViewPosition: 'PA',
    PatientOrientation: ['L', 'F'],
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: rows,
    Columns: columns,
    BitsAllocated: 16,
    BitsStored: 12,
    HighBit: 11,
    PixelRepresentation: 0,
    WindowCenter: 2048,
    WindowWidth: 4096,
    PixelData: [pixels.buffer],
    ...overrides,
  }
  for (const [keyword, value] of Object.entries(dataset)) if (value === undefined) delete dataset[keyword]
  const transferSyntaxUid = options.transferSyntaxUid ?? EXPLICIT_LITTLE_ENDIAN
  const deflated = transferSyntaxUid === DEFLATED_EXPLICIT_LITTLE_ENDIAN
  const meta = {
    FileMetaInformationVersion: [new Uint8Array([0, 1]).buffer],
    MediaStorageSOPClassUID: dataset['SOPClassUID'] ?? COMPUTED_RADIOGRAPHY,
    MediaStorageSOPInstanceUID: dataset['SOPInstanceUID'] ?? '2.25.1',
    TransferSyntaxUID: transferSyntaxUid,
    ImplementationClassUID: '2.25.1',
  }
  const file = new DicomDict(denaturalise(meta))
  file.dict = denaturalise(dataset)
  const written = Buffer.from(file.write())
  return {
    bytes: deflated && !isDeflated(written) ? deflate(written) : written,
    studyInstanceUid: String(dataset['StudyInstanceUID']) as StudyInstanceUid,
    seriesInstanceUid: String(dataset['SeriesInstanceUID']) as SeriesInstanceUid,
    sopInstanceUid: String(dataset['SOPInstanceUID']) as SopInstanceUid,
    sopClassUid: String(dataset['SOPClassUID']),
  }
}

/** Two dark lungs on a bright body, another noise for each seed. */
function chestLike(rows: number, columns: number, seed: number): Uint16Array {
  return Uint16Array.from({ length: rows * columns }, (_, index) => {
    const x = ((index % columns) + 0.5) / columns
    const y = (Math.floor(index / columns) + 0.5) / rows
    const inLung = [0.3, 0.7].some((center) => ((x - center) / 0.16) ** 2 + ((y - 0.5) / 0.35) ** 2 < 1)
    return (inLung ? 900 : 2600) + ((index * 7919 + seed * 104_729) % 256)
  })
}

// A matrix of 0 or 65,535 is a claim of the header; the pixels stay small.
const sizeOf = (claimed: unknown, otherwise: number): number =>
  typeof claimed === 'number' && claimed > 0 && claimed <= 4096 ? claimed : otherwise

const metaEnd = (file: Buffer): number => 144 + file.readUInt32LE(140)
const isDeflated = (file: Buffer): boolean => file.readUInt16LE(metaEnd(file)) !== 8
const deflate = (file: Buffer): Buffer =>
  Buffer.concat([file.subarray(0, metaEnd(file)), deflateRawSync(file.subarray(metaEnd(file)))])
