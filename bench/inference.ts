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

const IMAGES = 20
const ROUNDS = 15

interface Contender {
  readonly analyseOne: () => Promise<unknown>
  readonly close: () => Promise<void>
}

/**
 * (c) Images a second through the worker threads, beside ONNX Runtime alone in as many threads. Both are warm and take
 * turns of a second, so that whatever else the machine does falls on both; the ratio is that of neighbouring turns.
 */
export async function bench(): Promise<BenchTable> {
  const threads = availableParallelism()
  const modelPackage = await chooseModel(DEFAULT_MODELS_DIRECTORY)
  const folder = mkdtempSync(join(tmpdir(), 'hilum-bench-inference-'))
  const file = join(folder, 'image.dcm')
  writeFileSync(file, makeRadiograph({ Rows: 1024, Columns: 1024 }).bytes)
  const hilum = await openHilum(modelPackage, file, threads)
  const bare = openBare(modelPackage, threads)
  try {
    for (const contender of [hilum, bare]) await perSecond(contender)
    const rounds: (readonly [number, number])[] = []
    for (let round = 0; round < ROUNDS; round++) rounds.push([await perSecond(hilum), await perSecond(bare)])
    const median = (of: (round: readonly [number, number]) => number) => quantile(rounds.map(of), 0.5)
    const { name, version } = modelPackage.identity
    return {
      title: `Throughput of ${name} ${version} on the CPU, ${threads} threads`,
      columns: ['Hilum, file to findings (images/s)', 'ONNX Runtime alone (images/s)', 'ratio'],
      rows: [[median(([a]) => a).toFixed(1), median(([, b]) => b).toFixed(1), median(([a, b]) => a / b).toFixed(2)]],
      notes: [
        `1024 x 1024, 12 bits, explicit little endian; medians of ${ROUNDS} rounds, in which each takes ${IMAGES} images after the other.`,
      ],
    }
  } finally {
    await Promise.all([hilum.close(), bare.close()])
    rmSync(folder, { recursive: true, force: true })
  }
}

async function openHilum(modelPackage: ModelPackage, file: string, threads: number): Promise<Contender> {
  const log = { info: () => undefined, warn: () => undefined }
  const inference = await createInference({ packages: [modelPackage], provider: 'cpu', threads, log })
  return { analyseOne: () => inference.analyse(file, modelPackage.identity.name), close: inference.close }
}

function openBare({ weightsPath, manifest }: ModelPackage, threads: number): Contender {
  const pool = new Piscina<null, void>({
    ...workerEntry(import.meta.url, 'bare-onnx-worker'),
    workerData: { weightsPath, input: manifest.input },
    minThreads: threads,
    maxThreads: threads,
    idleTimeout: Infinity,
  })
  return { analyseOne: () => pool.run(null), close: () => pool.close() }
}

async function perSecond({ analyseOne }: Contender): Promise<number> {
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: IMAGES }, analyseOne))
  return (IMAGES * 1000) / (performance.now() - startedAt)
}
