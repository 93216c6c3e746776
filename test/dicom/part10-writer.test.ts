import { describe, expect, test } from 'vitest'
import { readHeader } from '../../src/dicom/part10-header.ts'
import { writePart10 } from '../../src/dicom/part10-writer.ts'

const least = {
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.34',
  SOPInstanceUID: '2.25.1',
  StudyInstanceUID: '2.25.2',
  SeriesInstanceUID: '2.25.3',
  SpecificCharacterSet: 'ISO_IR 192',
}

const read = (dataset: object) => readHeader(writePart10({ ...least, ...dataset })).header

describe('a data set as a Part 10 file', () => {
  test('is the same bytes whatever the order of its keys', () => {
    const turned = Object.fromEntries(Object.entries({ ...least, PatientID: 'x' }).toReversed())

    expect(writePart10(turned)).toEqual(writePart10({ PatientID: 'x', ...least }))
  })

  test('keeps the component groups of a name, and text of any script', () => {
    const name = { Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎', Phonetic: 'やまだ^たろう' }

    expect(read({ PatientName: name, StudyDescription: 'грудь Θώρακας' })).toMatchObject({
      '00100010': { Value: [name] },
      '00081030': { Value: ['грудь Θώρακας'] },
    })
  })

  test('writes empty what is empty and leaves out what is undefined', () => {
    const header = read({ PatientID: '', OtherPatientIDsSequence: [], StudyDate: null, PatientSex: undefined })

    expect(Object.keys(header)).toEqual(expect.arrayContaining(['00100020', '00101002', '00080020']))
    expect(header['00100040']).toBeUndefined()
  })

  test('takes the VR of an ambiguous attribute from the data set', () => {
    expect(read({ LUTDescriptor: [256, -5, 16], _vrMap: { LUTDescriptor: 'SS' } })['00283002']).toEqual({
      vr: 'SS',
      Value: [256, -5, 16],
    })
  })

  test.each([{ NoSuchKeyword: 1 }, { Rows: Number.NaN }])('refuses %j', (dataset) => {
    expect(() => writePart10({ ...least, ...dataset })).toThrow(TypeError)
  })
})
