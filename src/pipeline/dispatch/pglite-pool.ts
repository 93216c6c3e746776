import { EventEmitter } from 'node:events'
import type { PGlite } from '@electric-sql/pglite'
import { runMigrations, type PgPool, type PgPoolClient } from 'bullmq'

/**
 * PGlite in the shape of a `pg.Pool`, for BullMQ's Postgres backend. There is one session, so that every "connection"
 * is the same; LISTEN goes through PGlite's own call, because notifications reach only that.
 */
class PgliteClient extends EventEmitter {
  readonly #database: PGlite
  readonly #unlisten: (() => Promise<void>)[] = []

  constructor(database: PGlite) {
    super()
    this.#database = database
  }

  async query<Row>(text: string, params?: readonly unknown[]): Promise<{ rows: Row[]; rowCount: number }> {
    const channel = LISTEN.exec(text)?.[1]
    if (channel !== undefined) {
      this.#unlisten.push(
        await this.#database.listen(channel, (payload) => this.emit('notification', { channel, payload })),
      )
      return { rows: [], rowCount: 0 }
    }
    if (params === undefined || params.length === 0) {
      // BullMQ's migrations are scripts of many statements, which only the simple protocol takes.
      const answers = await this.#database.exec(text)
      const last = answers.at(-1)
      return { rows: (last?.rows ?? []) as Row[], rowCount: last?.affectedRows ?? 0 }
    }
    const { rows, affectedRows } = await this.#database.query<Row>(text, [...params])
    return { rows, rowCount: affectedRows ?? rows.length }
  }

  release(): void {
    for (const unlisten of this.#unlisten.splice(0)) unlisten().catch((error: unknown) => this.emit('error', error))
  }
}

// BullMQ's statement begins with a comment.
const LISTEN = /^(?:\s|--[^\n]*\n|\/\*.*?\*\/)*listen\s+"?(\w+)"?/is

class PglitePool extends PgliteClient {
  readonly #connect: () => PgliteClient

  constructor(database: PGlite) {
    super(database)
    this.#connect = () => new PgliteClient(database)
  }

  async connect(): Promise<PgPoolClient> {
    return this.#connect() as PgPoolClient
  }

  /** The database belongs to the one who opened it. */
  async end(): Promise<void> {}
}

/** Makes BullMQ's tables in the database if they are not there, and gives the pool that its queues work through. */
export async function openPglitePool(database: PGlite): Promise<PgPool> {
  const pool = new PglitePool(database) as PgPool
  await runMigrations(await pool.connect())
  // Our own tables stay first: both kinds are named without their schema.
  await database.exec('set search_path to public, bullmq')
  return pool
}
