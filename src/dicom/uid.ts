import { createHash } from 'node:crypto'

declare const brand: unique symbol
type Uid<Level extends string> = string & { readonly [brand]: Level }

export type StudyInstanceUid = Uid<'study'>
export type SeriesInstanceUid = Uid<'series'>
export type SopInstanceUid = Uid<'instance'>

const UID = /^(0|[1-9]\d*)(\.(0|[1-9]\d*))+$/

/** A UID is at most 64 characters of dot-separated numbers without leading zeros (PS3.5 section 9). */
export function isUid(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 64 && UID.test(value)
}

/**
 * The same UID for the same parts, so that a retried job makes the same objects again
 * and the PACS sees a duplicate, not a second report (PS3.5 B.2: UUID-derived UID under 2.25).
 */
export function deriveUid<U extends string>(...parts: readonly string[]): U {
  const bytes = createHash('sha256').update(parts.join('\u001f')).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6) // UUID version 8: made by hash, by us
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return `2.25.${BigInt(`0x${bytes.toString('hex')}`)}` as U
}
