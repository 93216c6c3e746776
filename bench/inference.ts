import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Piscina } from 'piscina'
import { chooseModel, DEFAULT_MODELS_DIRECTORY } from '../src/commands/installed-models.ts'
import { createInference } from '../src/pipeline/infer/create-inference.ts'
import type { ModelPackage } from '../src/pipeline/infer/model-package.ts'
import { workerEntry } from '../src/pipeline/infer/worker-entry.ts'
import { makeRadiograph } from '../test/support/radiograph.ts'
import { type BenchTable, quantile } from './bench-table.ts'

const IMAGES = 40
const ROUNDS = 3

/** (c) Images a second through the worker threads, beside ONNX Runtime alone in as many threads. */
export async function bench(): Promise<BenchTable> {
  const threads = availableParallelism()
  const modelPackage = await chooseModel(DEFAULT_MODELS_DIRECTORY)
  const folder = mkdtempSync(join(tmpdir(), 'hilum-bench-inference-'))
  try {
    const file = join(folder, 'image.dcm')
    writeFileSync(file, makeRadiograph({ Rows: 1024, Columns: 1024 }).bytes)
    const ours: number[] = []
    const bare: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await oursPerSecond(modelPackage, file, threads))
      bare.push(await barePerSecond(modelPackage, threads))
    }
    const [a, b] = [quantile(ours, 0.5), quantile(bare, 0.5)]
    const { name, version } = modelPackage.identity
    return {
      title: `Throughput of ${name} ${version} on the CPU, ${threads} threads`,
      columns: ['Hilum, file to findings (images/s)', 'ONNX Runtime alone (images/s)', 'ratio'],
      rows: [[a.toFixed(1), b.toFixed(1), (a / b).toFixed(2)]],
      notes: ['1024 x 1024, 12 bits, explicit little endian; medians of 3 rounds of 40 images.'],
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function oursPerSecond(modelPackage: ModelPackage, file: string, threads: number): Promise<number> {
  const log = { info: () => undefined, warn: () => undefined }
  const inference = await createInference({ packages: [modelPackage], provider: 'cpu', threads, log })
  const rate = await perSecond(() => inference.analyse(file, modelPackage.identity.name), threads)
  await inference.close()
  return rate
}

async function barePerSecond({ weightsPath, manifest }: ModelPackage, threads: number): Promise<number> {
  const pool = new Piscina<null, void>({
    ...workerEntry(import.meta.url, 'bare-onnx-worker'),
    workerData: { weightsPath, input: manifest.input },
    minThreads: threads,
    maxThreads: threads,
    idleTimeout: Infinity,
  })
  const rate = await perSecond(() => pool.run(null), threads)
  await pool.close()
  return rate
}

async function perSecond(work: () => Promise<unknown>, threads: number): Promise<number> {
  await Promise.all(Array.from({ length: threads * 4 }, work))
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: IMAGES }, work))
  return (IMAGES * 1000) / (performance.now() - startedAt)
}
