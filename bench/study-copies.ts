import { readFile } from 'node:fs/promises'

import { readHeader } from '../src/dicom/part10-header.ts'

export interface StudyCopy {
  readonly bytes: Buffer
  readonly studyInstanceUid: string
  readonly sopInstanceUid: string
}

/** The radiograph of a file as `count` studies: its UIDs are replaced by fresh ones of the same length. */
export async function studyCopies(path: string, count: number): Promise<readonly StudyCopy[]> {
  const bytes = await readFile(path)
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = readHeader(bytes)
  return Array.from({ length: count }, () => {
    const copy = Buffer.from(bytes)
    const [study, , instance] = [studyInstanceUid, seriesInstanceUid, sopInstanceUid].map((uid) =>
      replaceUid(copy, uid),
    )
    return { bytes: copy, studyInstanceUid: study ?? '', sopInstanceUid: instance ?? '' }
  })
}

/** Overwrites every place of a UID, so that lengths and offsets in the file stay true. Gives the new one. */
function replaceUid(bytes: Buffer, uid: string): string {
  const digits = Array.from({ length: uid.length - 6 }, () => Math.floor(Math.random() * 10)).join('')
  const fresh = `2.25.1${digits}`
  for (let at = bytes.indexOf(uid); at >= 0; at = bytes.indexOf(uid, at + 1)) bytes.write(fresh, at, 'latin1')
  return fresh
}
