import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { fetchStudy, isDelivered } from '../src/commands/fetch-study.ts'
import { startOrthanc } from '../test/support/orthanc.ts'
import { peerMissing } from '../test/support/peer-missing.ts'
import { quantile } from './bench-table.ts'
import type { BenchTable } from './bench-table.ts'
import { startNode } from './node-process.ts'
import { studyCopies } from './study-copies.ts'
import type { StudyCopy } from './study-copies.ts'

const STUDIES = 30
const QUIET_MS = 500
const TITLE = '(a) Turnaround: last byte received to SR and GSPS stored in Orthanc'

/** One study after the other, through a node in a process of its own into a real Orthanc. */
export async function bench(): Promise<BenchTable> {
  const missing = peerMissing('orthanc')
  if (missing !== undefined) return { title: TITLE, columns: ['not measured'], rows: [[missing]] }
  const orthanc = await startOrthanc()
  const node = await startNode({ PACS_STOW_URL: orthanc.stowUrl.href, STUDY_QUIET_MS: String(QUIET_MS) })
  try {
    const rows: string[][] = []
    for (const file of ['chest-half-jpegls.dcm', 'chest-j2k-lossy.dcm']) {
      const copies = await studyCopies(join(import.meta.dirname, '../demo', file), STUDIES + 1)
      const [first, ...measured] = copies
      if (first !== undefined) await turnaround(node.url, first) // The first warms caches, and is not counted.
      const times: number[] = []
      for (const copy of measured) times.push(await turnaround(node.url, copy))
      rows.push([file, ...[0.5, 0.95].map((share) => `${quantile(times, share).toFixed(0)} ms`), `${QUIET_MS} ms`])
    }
    return {
      title: TITLE,
      columns: ['radiograph', 'p50', 'p95', 'quiet period, not counted'],
      rows,
      notes: [`${STUDIES} studies each, one after the other. Goal: p50 under 1 s, p95 under 2 s.`],
    }
  } finally {
    await node.close()
    await orthanc.close()
  }
}

async function turnaround(node: string, copy: StudyCopy): Promise<number> {
  const boundary = 'hilum-bench'
  const head = `--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`
  const response = await fetch(new URL('/dicom-web/studies', node), {
    method: 'POST',
    headers: { 'content-type': `multipart/related; type="application/dicom"; boundary=${boundary}` },
    body: new Uint8Array(Buffer.concat([Buffer.from(head), copy.bytes, Buffer.from(`\r\n--${boundary}--\r\n`)])),
  })
  await response.arrayBuffer()
  const until = Date.now() + 120_000
  while (Date.now() < until) {
    const study = await fetchStudy(node, copy.studyInstanceUid)
    if (study !== undefined && isDelivered(study)) {
      // From the node's own clock: the last byte of the newest instance, and the last answer of the PACS.
      const { deliveredMs } = study.timings
      if (deliveredMs === null) throw new Error('a result of the bench was refused by the PACS')
      return deliveredMs - QUIET_MS
    }
    if (study?.state === 'FAILED') throw new Error('a study of the bench failed')
    await delay(50)
  }
  throw new Error('a study of the bench was not delivered within two minutes')
}
