import { closeSync, existsSync, fsyncSync, openSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'

/**
 * PGlite never calls fsync: its commits outlive a kill, not a power cut. This file system flushes the write-ahead log
 * after every statement that wrote one, and everything else that changed when a checkpoint moved the control file, as
 * PostgreSQL does itself on a real disk.
 */
class FlushingNodeFs extends NodeFS {
  readonly #pgWal: string
  readonly #control: string
  #flushed = new Map<string, number>()
  #controlAt = 0

  constructor(directory: string) {
    super(directory)
    this.#pgWal = join(directory, 'pg_wal')
    this.#control = join(directory, 'global', 'pg_control')
  }

  override async syncToFs(): Promise<void> {
    if (!existsSync(this.#pgWal)) return
    const controlAt = statSync(this.#control).mtimeMs
    if (controlAt !== this.#controlAt) {
      this.#flushChanged(this.rootDir)
      this.#controlAt = controlAt
    } else {
      this.#flushChanged(this.#pgWal)
    }
  }

  /** Synchronous on purpose: the statement's caller must not be answered before the log is on the disk. */
  #flushChanged(directory: string): void {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name)
      if (entry.isDirectory()) this.#flushChanged(path)
      else if (entry.isFile()) this.#flushIfChanged(path)
    }
  }

  #flushIfChanged(path: string): void {
    const changedAt = statSync(path).mtimeMs
    // A file written twice within one tick of the clock keeps its time stamp: the newest are flushed again.
    if (this.#flushed.get(path) === changedAt && Date.now() - changedAt > 50) return
    const file = openSync(path, 'r+')
    try {
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    this.#flushed.set(path, changedAt)
  }
}

/** Opens (or makes) the embedded database in `directory`; each commit is flushed before its statement is answered. */
export function openDurablePglite(directory: string): Promise<PGlite> {
  return PGlite.create({ fs: new FlushingNodeFs(directory) })
}
