import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { UnknownTransferSyntax, readHeader } from '../../src/dicom/part10-header.ts'
import {
  DEFLATED_EXPLICIT_LITTLE_ENDIAN,
  EXPLICIT_LITTLE_ENDIAN,
  IMPLICIT_LITTLE_ENDIAN,
} from '../../src/dicom/transfer-syntax.ts'
import { UnreadableInstance } from '../../src/errors.ts'
import { element, nestedBytes, relabelled, withDataSet } from '../support/bad-input.ts'
import { findProgram } from '../support/peer-missing.ts'
import { makeRadiograph } from '../support/radiograph.ts'

const SYNTAXES = [EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN, DEFLATED_EXPLICIT_LITTLE_ENDIAN]

test.each(SYNTAXES)('the header of one radiograph is the same in %s', (transferSyntaxUid) => {
  const made = makeRadiograph({}, { transferSyntaxUid })

  const read = readHeader(made.bytes)

  expect(read).toMatchObject({
    studyInstanceUid: made.studyInstanceUid,
    sopInstanceUid: made.sopInstanceUid,
    transferSyntaxUid,
  })
  expect(read.header).toEqual(readHeader(makeRadiograph().bytes).header)
  expect(read.header['7FE00010']).toBeUndefined()
})

const dcmtkMissing = findProgram('dcmconv') === undefined
const whySkipped = dcmtkMissing ? ' (skipped: dcmtk is not installed)' : ''
test.skipIf(dcmtkMissing)(
  `explicit big endian, written by dcmtk, reads as the little endian it was made from${whySkipped}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'hilum-'))
    try {
      writeFileSync(join(folder, 'in.dcm'), makeRadiograph().bytes)
      execFileSync('dcmconv', ['+tb', '-g', join(folder, 'in.dcm'), join(folder, 'out.dcm')])
      expect(readHeader(readFileSync(join(folder, 'out.dcm'))).header).toEqual(
        readHeader(makeRadiograph().bytes).header,
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)

test('UIDs padded with spaces or NUL are trimmed', () => {
  const { bytes } = makeRadiograph({ SeriesInstanceUID: '1.2.3.4 ' })
  expect(readHeader(bytes).seriesInstanceUid).toBe('1.2.3.4')
})

const LUT = Array.from({ length: 4096 }, (_, index) => index)
test('a lookup table keeps its values, for the presentation state copies it', () => {
  const { bytes } = makeRadiograph({ VOILUTSequence: [{ LUTDescriptor: [4096, 0, 12], LUTData: LUT }] })
  const [item] = readHeader(bytes).header['00283010']?.Value ?? []
  expect(item).toMatchObject({ '00283006': { vr: 'US', Value: LUT } })
})

test.each([
  { what: 'bytes that are not DICOM', bytes: Buffer.from('hello') },
  { what: 'nothing', bytes: Buffer.alloc(0) },
  { what: 'a data set without preamble and meta header', bytes: makeRadiograph().bytes.subarray(132) },
  { what: 'a meta header alone', bytes: makeRadiograph().bytes.subarray(0, 200) },
  { what: 'a header cut inside an element', bytes: makeRadiograph().bytes.subarray(0, 500) },
  { what: 'a VR that is none', bytes: withDataSet(element(0x00080001, 'ZZ', 4, Buffer.alloc(4))) },
  {
    what: 'a length of 0xFFFF that is not there',
    bytes: withDataSet(element(0x00080001, 'LO', 0xffff)).subarray(0, 5000),
  },
  { what: 'a text of 4 GB', bytes: withDataSet(element(0x00080001, 'UT', 0xfffffff0)) },
  { what: 'a value of undefined length', bytes: withDataSet(element(0x00080001, 'OB', 0xffffffff)) },
  {
    what: 'an item longer than its sequence',
    bytes: withDataSet(element(0x00081140, 'SQ', 8, Buffer.from('feff00e0ff000000', 'hex'))),
  },
  {
    what: 'a sequence of no items',
    bytes: withDataSet(element(0x00081140, 'SQ', 8, Buffer.from('0800050000000000', 'hex'))),
  },
  { what: 'a missing SOP Instance UID', bytes: makeRadiograph({ SOPInstanceUID: undefined }).bytes },
  { what: 'a study UID that climbs folders', bytes: makeRadiograph({ StudyInstanceUID: '../../etc/passwd' }).bytes },
  {
    what: 'a UID of dots',
    bytes: Buffer.from(
      makeRadiograph({ StudyInstanceUID: `1.${'2'.repeat(62)}` })
        .bytes.toString('latin1')
        .replaceAll(`1.${'2'.repeat(62)}`, `12${'.'.repeat(62)}`),
      'latin1',
    ),
  },
  { what: 'a deflated data set of garbage', bytes: relabelled(DEFLATED_EXPLICIT_LITTLE_ENDIAN) },
])('$what is unreadable', ({ bytes }) => {
  expect(() => readHeader(bytes)).toThrow(UnreadableInstance)
})

test.each([33, 2000, 50_000])('sequences nested %i levels deep are refused at once', (levels) => {
  const started = performance.now()
  expect(() => readHeader(withDataSet(nestedBytes(levels)))).toThrow(UnreadableInstance)
  expect(performance.now() - started).toBeLessThan(500)
})

test('a transfer syntax that is not in the table is told apart', () => {
  expect(() => readHeader(relabelled('1.2.840.10008.1.2.4.100'))).toThrow(UnknownTransferSyntax)
})

test('elements without number are refused, not kept', () => {
  const many = Buffer.concat(Array.from({ length: 150_000 }, () => element(0x00080001, 'LO', 0)))
  expect(() => readHeader(withDataSet(many))).toThrow('too many elements')
})

test('whatever a byte becomes, the answer is a header or UnreadableInstance', () => {
  const { bytes } = makeRadiograph({ VOILUTSequence: [{ LUTDescriptor: [2, 0, 8], LUTData: [0, 255] }] })
  const headerBytes = bytes.length - 2 * 64 * 80
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(headerBytes), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      fc.nat(headerBytes),
      (changes, cut) => {
        const broken = Buffer.from(bytes)
        for (const [at, value] of changes) broken[at] = value
        const outcomes = [broken, broken.subarray(0, cut)].map(outcomeOf)
        expect(outcomes.filter((outcome) => outcome !== 'header' && outcome !== 'unreadable')).toEqual([])
      },
    ),
    { numRuns: 2000 },
  )
})

function outcomeOf(file: Buffer): unknown {
  try {
    readHeader(file)
    return 'header'
  } catch (error) {
    return error instanceof UnreadableInstance ? 'unreadable' : error
  }
}
