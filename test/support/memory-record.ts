import { PGlite } from '@electric-sql/pglite'
import { readHeader } from '../../src/dicom/part10-header.ts'
import { openEmbeddedRecord, type Record } from '../../src/record/record.ts'
import { registerInstance, type Registered, type RegistrationPolicy } from '../../src/record/register-instance.ts'
import type { MadeRadiograph } from './radiograph.ts'
import { createHash } from 'node:crypto'

/** A policy under which every instance is meant for one model, unless told otherwise. */
export const POLICY: RegistrationPolicy = {
  studyQuietMs: 1000,
  studyMaxWaitMs: 5000,
  assess: () => ({ reasons: [], models: [{ name: 'tiny', version: '1.0.0', key: 'key-of-tiny' }] }),
}

// Making a database takes seconds: a test file makes one, and each test begins with empty tables.
let database: Promise<PGlite> | undefined

/** A real record in memory, empty, for one test of a file at a time. */
export async function withRecord(use: (record: Record) => Promise<void>): Promise<void> {
  database ??= PGlite.create()
  const opened = await database
  const record = await openEmbeddedRecord(opened)
  await opened.exec('truncate studies, series, instances, analyses, findings, results, deliveries cascade')
  await use(record)
}

export const registered = (
  record: Record,
  { bytes }: Pick<MadeRadiograph, 'bytes'>,
  receivedAt: Date,
  policy: RegistrationPolicy = POLICY,
): Promise<Registered> => {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return registerInstance(record, { ...readHeader(bytes), sha256, sizeBytes: bytes.length, receivedAt }, policy)
}
