import { fileURLToPath } from 'node:url'
import { migrate as migratePglite } from 'drizzle-orm/pglite/migrator'
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite'
import { migrate as migratePostgres } from 'drizzle-orm/node-postgres/migrator'
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres'
import type { PGlite } from '@electric-sql/pglite'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import type { Pool } from 'pg'
import * as schema from './schema.ts'

/** The record: what Hilum must not forget, in PGlite or PostgreSQL, behind one dialect. */
export type Record = PgDatabase<PgQueryResultHKT, typeof schema>

// The sources carry the migrations in both cases: `src/record/…` under tsx, `dist/record/…` beside it when built.
const MIGRATIONS = fileURLToPath(new URL('../../src/record/migrations', import.meta.url))

/** Opens the record in a PGlite that the caller owns, migrated to the newest schema. */
export async function openEmbeddedRecord(database: PGlite): Promise<Record> {
  const record = drizzlePglite(database, { schema })
  await migratePglite(record, { migrationsFolder: MIGRATIONS })
  return record
}

/** The key of the advisory lock under which one process migrates while others wait. */
const MIGRATION_LOCK = 0x48494c55

/** Opens the record in a PostgreSQL whose pool the caller owns; processes that start together migrate one after the other. */
export async function openPostgresRecord(pool: Pool): Promise<Record> {
  const client = await pool.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    await migratePostgres(drizzlePostgres(client, { schema }), { migrationsFolder: MIGRATIONS })
    await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK])
  } finally {
    client.release()
  }
  return drizzlePostgres(pool, { schema })
}
