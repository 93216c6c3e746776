import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { readHeader } from '../../src/dicom/part10-header.ts'
import { readSearchRequest } from '../../src/pipeline/archive/search-request.ts'
import type { Record } from '../../src/record/record.ts'
import { openEmbeddedRecord, openPostgresRecord } from '../../src/record/record.ts'
import { registerInstance } from '../../src/record/register-instance.ts'
import { headersOf, listInstances } from '../../src/record/retrieve.ts'
import { searchInstances, searchSeries, searchStudies } from '../../src/record/search.ts'
import { peerMissing } from '../support/peer-missing.ts'
import { withPostgres } from '../support/postgres.ts'
import { makeRadiograph } from '../support/radiograph.ts'

async function withPglite(use: (record: Record) => Promise<void>): Promise<void> {
  const database = new PGlite()
  try {
    await use(await openEmbeddedRecord(database))
  } finally {
    await database.close()
  }
}

const withPostgresRecord = (use: (record: Record) => Promise<void>): Promise<void> =>
  withPostgres(async (postgres) => {
    const pool = new pg.Pool({ connectionString: await postgres.createDatabase() })
    try {
      await use(await openPostgresRecord(pool))
    } finally {
      await pool.end()
    }
  })

const missing = peerMissing('postgres')

describe.each([
  { name: 'PGlite', withRecord: withPglite, why: undefined },
  { name: 'PostgreSQL', withRecord: withPostgresRecord, why: missing },
])('$name', ({ withRecord, why }) => {
  test.skipIf(why !== undefined)(`finds and lists what was registered${why ? ` (skipped: ${why})` : ''}`, () =>
    withRecord(async (record) => {
      const made = [1, 2, 3].map((seed) =>
        makeRadiograph({ PatientName: `Name${seed}^Given`, InstanceNumber: seed }, { seed }),
      )
      const [one] = made.map(({ bytes }) => readHeader(bytes))
      for (const { bytes } of made) {
        const instance = {
          ...readHeader(bytes),
          sha256: 'a'.repeat(64),
          sizeBytes: bytes.length,
          receivedAt: new Date(),
        }
        await registerInstance(record, instance, {
          studyQuietMs: 1000,
          studyMaxWaitMs: 10_000,
          assess: () => ({ reasons: [], models: [] }),
        })
      }
      const found = async (query: Readonly<{ [name: string]: string }>): Promise<number> =>
        (await searchStudies(record, readSearchRequest(query))).total

      await expect(found({})).resolves.toBe(3)
      await expect(found({ PatientName: 'name2*' })).resolves.toBe(1)
      await expect(found({ StudyDate: '20251201-20260131' })).resolves.toBe(3)
      await expect(found({ StudyTime: '13-' })).resolves.toBe(0)
      await expect(found({ ModalitiesInStudy: 'CR', InstanceNumber: '3' })).resolves.toBe(1)
      await expect(found({ AccessionNumber: '""' })).resolves.toBe(3)
      await expect(searchSeries(record, readSearchRequest({ PatientID: 'TEST-1' }))).resolves.toMatchObject({
        total: 1,
        rows: [{ seriesInstanceUid: one?.seriesInstanceUid, modalities: ['CR'], instanceCount: 1 }],
      })
      await expect(searchInstances(record, readSearchRequest({ Rows: '80' }), ['00280011'])).resolves.toMatchObject({
        total: 3,
        rows: [{ instance: { '00280011': { vr: 'US', Value: [64] } } }, {}, {}],
      })
      const listed = await listInstances(record, { studyInstanceUid: made[0]!.studyInstanceUid })
      expect(listed).toMatchObject([{ numberOfFrames: 1, hasPixels: true, sopInstanceUid: one?.sopInstanceUid }])
      await expect(
        headersOf(
          record,
          listed.map((it) => it.sopInstanceUid),
        ),
      ).resolves.toEqual(new Map([[one?.sopInstanceUid, one?.header]]))
    }),
  )
})
