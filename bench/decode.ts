import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { readPixelData } from '../src/dicom/pixels/pixel-data.ts'
import type { ModelInputSpecification } from '../src/pipeline/infer/manifest.ts'
import { decodeForModel, toModelInput } from '../src/pipeline/infer/model-input.ts'
import { SHARED_MISSING, sharedFolder, sharedPath } from '../test/support/shared.ts'
import { type BenchTable, quantile } from './bench-table.ts'
import { writeLargeJpeg2000 } from './large-jpeg-2000.ts'

const REPEATS = 7
const INPUT: ModelInputSpecification = {
  tensor: 'image',
  layout: 'NCHW',
  rows: 256,
  columns: 256,
  channels: 1,
  aspect: 'squash',
  intensity: { kind: 'percentile', low: 1, high: 99 },
  mean: [0.5],
  deviation: [0.25],
}

/** (b) From file to model input, beside pydicom and dcmtk on the same file. */
export async function bench(): Promise<BenchTable> {
  const folder = mkdtempSync(join(tmpdir(), 'hilum-bench-decode-'))
  try {
    const shared = sharedFolder() === undefined ? [] : readdirSync(sharedPath('dicom/chest'))
    const files = [...shared.map((name) => sharedPath('dicom/chest', name)), await writeLargeJpeg2000(folder)]
    const pydicom = timesOfPydicom(files)
    const rows: string[][] = []
    for (const file of files) {
      const ours = await median(() => toInput(file))
      const [pixels, input] = pydicom[file] ?? [null, null]
      const dcmtk = await timeOfDcmtk(file, folder)
      const ratio = (other: number | null) => (other === null ? '–' : (other / ours).toFixed(1))
      const name = basename(file, '.dcm')
      rows.push([name, shown(ours), shown(input), shown(dcmtk), ratio(input), ratio(dcmtk), shown(pixels)])
    }
    return {
      title: 'Decode to model input (256 x 256), milliseconds, median of 7',
      columns: ['file', 'Hilum', 'pydicom', 'dcmtk', 'pydicom / Hilum', 'dcmtk / Hilum', 'pydicom, pixels only'],
      rows,
      notes: [
        'From file to model input; pydicom with gdcm and numpy, dcmtk as dcmj2pnm or dcml2pnm to a picture of the same size, the time of its start taken off. Above 1 Hilum is faster.',
        ...(shared.length === 0 ? [SHARED_MISSING] : []),
      ],
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function toInput(file: string): Promise<void> {
  const data = readPixelData(readFileSync(file))
  toModelInput(await decodeForModel(data, INPUT), INPUT)
}

async function median(work: () => Promise<void> | void): Promise<number> {
  // The first runs compile: a service has them behind it.
  for (let i = 0; i < 3; i++) await work()
  const times: number[] = []
  for (let i = 0; i < REPEATS; i++) {
    const startedAt = performance.now()
    await work()
    times.push(performance.now() - startedAt)
  }
  return quantile(times, 0.5)
}

function timesOfPydicom(files: readonly string[]): Readonly<Record<string, readonly [number | null, number | null]>> {
  const script = join(import.meta.dirname, 'decode_pydicom.py')
  const { status, stdout } = spawnSync('/usr/bin/python3', [script, String(REPEATS), ...files], { encoding: 'utf8' })
  return status === 0 ? (JSON.parse(stdout) as Record<string, [number | null, number | null]>) : {}
}

async function timeOfDcmtk(file: string, folder: string): Promise<number | null> {
  const last = readPixelData(readFileSync(file)).transferSyntaxUid.replace('1.2.840.10008.1.2', '')
  if (/^\.4\.(9|2)/.test(last)) return null
  const program = last === '.4.80' || last === '.4.81' ? 'dcml2pnm' : 'dcmj2pnm'
  const target = join(folder, 'picture.pgm')
  const run = (...options: string[]) => {
    execFileSync(program, options, { stdio: 'ignore' })
  }
  try {
    const start = await median(() => run('--version'))
    return Math.max(
      0,
      (await median(() => run('+i', '1', '+Wi', '1', '+Sxv', '256', '+Syv', '256', file, target))) - start,
    )
  } catch {
    // Not installed, or it cannot decode this file: there is nothing to compare with.
    return null
  }
}

const shown = (time: number | null): string => (time === null ? '–' : time.toFixed(1))
