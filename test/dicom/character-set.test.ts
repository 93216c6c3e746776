import { expect, test } from 'vitest'
import { decodeText, toCharacterSet } from '../../src/dicom/character-set.ts'

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const text = (value: string): string => Buffer.from(value, 'latin1').toString('hex')

// The examples of PS3.5 annexes H to K and their bytes.
test.each([
  {
    what: 'H.3.1 Japanese, ISO 2022 IR 87',
    set: '\\ISO 2022 IR 87',
    hex: `${text('Yamada^Tarou=')}1b2442 3b33 4544 1b2842 5e 1b2442 4240 4f3a 1b2842 3d 1b2442 2464 245e 2440 1b2842 5e 1b2442 243f 246d 2426 1b2842`,
    is: 'Yamada^Tarou=山田^太郎=やまだ^たろう',
  },
  {
    what: 'H.3.2 Japanese, ISO 2022 IR 13 and 87',
    set: 'ISO 2022 IR 13\\ISO 2022 IR 87',
    hex: `d4cfc0de5ec0dbb33d 1b2442 3b33 4544 1b284a 5e 1b2442 4240 4f3a 1b284a 3d 1b2442 2464 245e 2440 1b284a 5e 1b2442 243f 246d 2426 1b284a`,
    is: 'ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう',
  },
  {
    what: 'I.2 Korean, ISO 2022 IR 149',
    set: '\\ISO 2022 IR 149',
    hex: `${text('Hong^Gildong=')}1b242943 fbf3 5e 1b242943 d1ce d4d7 3d 1b242943 c8ab 5e 1b242943 b1e6 b5bf`,
    is: 'Hong^Gildong=洪^吉洞=홍^길동',
  },
  {
    what: 'J.3 Chinese, GB18030',
    set: 'GB18030',
    hex: `${text('Wang^XiaoDong=')}cdf5 5e d0a1 b6ab 3d`,
    is: 'Wang^XiaoDong=王^小东=',
  },
  {
    what: 'J.1 Chinese, UTF-8',
    set: 'ISO_IR 192',
    hex: `${text('Wang^XiaoDong=')}e78e8b 5e e5b08f e69db1 3d`,
    is: 'Wang^XiaoDong=王^小東=',
  },
  { what: 'Latin 1', set: 'ISO_IR 100', hex: '427563 5e 4ae972f46d65', is: 'Buc^Jérôme' },
])('$what', ({ set, hex, is }) => {
  expect(decodeText(bytes(hex), toCharacterSet(set), 'PN')).toBe(is)
})

test.each([
  { set: 'ISO_IR 101', value: 'f3', is: 'ó' },
  { set: 'ISO_IR 109', value: 'e6', is: 'ĉ' },
  { set: 'ISO_IR 110', value: 'e0', is: 'ā' },
  { set: 'ISO_IR 144', value: 'bbeeda', is: 'Люк' },
  { set: 'ISO_IR 127', value: 'e2c8c7c6ea', is: 'قبائي' },
  { set: 'ISO_IR 126', value: 'c4e9efedf5f3e9eff2', is: 'Διονυσιος' },
  { set: 'ISO_IR 138', value: 'f9f8e5', is: 'שרו' },
  { set: 'ISO_IR 148', value: 'fd', is: 'ı' },
  { set: 'ISO_IR 166', value: 'cac1aad2c2', is: 'สมชาย' },
])('one byte sets: $set', ({ set, value, is }) => {
  expect(decodeText(bytes(value), toCharacterSet(set), 'LO')).toBe(is)
})

test.each([
  { what: 'no set, but UTF-8', set: '', hex: '4ac3a9', is: 'Jé' },
  { what: 'no set, and Latin 1', set: '', hex: '4ae9', is: 'Jé' },
  { what: 'a set that nobody knows', set: 'KLINGON', hex: '4ae9', is: 'Jé' },
  { what: 'a set misspelt', set: 'iso-ir-100', hex: '4ae9', is: 'Jé' },
  { what: 'a set by its everyday name', set: 'UTF-8', hex: '4ac3a9', is: 'Jé' },
])('$what still gives a name', ({ set, hex, is }) => {
  expect(decodeText(bytes(hex), toCharacterSet(set), 'PN')).toBe(is)
})
