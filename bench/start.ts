import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { BenchTable } from './bench-table.ts'
import { startNode } from './node-process.ts'

/** Start to ready of the embedded profile: with an empty data directory, and again with the one that is there. */
export async function bench(): Promise<BenchTable> {
  const folder = await mkdtemp(join(tmpdir(), 'hilum-start-'))
  const rows: string[][] = []
  for (const what of ['first start (the record is made)', 'second start', 'third start']) {
    const node = await startNode({}, folder)
    rows.push([what, `${(node.readyMs / 1000).toFixed(2)} s`, 'under 5 s'])
    await node.close()
  }
  await rm(folder, { recursive: true, force: true })
  return {
    title: '(d) Start to ready, embedded',
    columns: ['', 'time', 'goal'],
    rows,
    notes: ['From dist/, with the session of the model warm.'],
  }
}
