import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ModelInputSpecification } from '../../src/pipeline/infer/manifest.ts'

const PYTHON = '/usr/bin/python3'
const SCRIPT = join(import.meta.dirname, '../reference/model_input.py')

export interface ReferenceJob {
  readonly file: string
  readonly input: ModelInputSpecification
}

/** Why the reference cannot be made here, or undefined when it can. */
export function referenceMissing(): string | undefined {
  if (!existsSync(PYTHON)) return `${PYTHON} is not there`
  const { status } = spawnSync(PYTHON, ['-c', 'import pydicom, numpy, gdcm'])
  return status === 0 ? undefined : 'python3-pydicom, python3-numpy or python3-gdcm is not installed'
}

/** The model input of each job by pydicom and numpy, channel by channel. */
export async function referenceInputs(jobs: readonly ReferenceJob[]): Promise<readonly Float32Array[]> {
  const folder = await mkdtemp(join(tmpdir(), 'hilum-reference-'))
  try {
    await writeFile(join(folder, 'jobs.json'), JSON.stringify(jobs))
    await promisify(execFile)(PYTHON, [SCRIPT, join(folder, 'jobs.json'), folder])
    return await Promise.all(
      jobs.map(async (_, i) => {
        const bytes = await readFile(join(folder, `${i}.f32`))
        return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
      }),
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export interface Difference {
  readonly greatest: number
  readonly mean: number
}

export function difference(a: Float32Array, b: Float32Array): Difference {
  if (a.length !== b.length) throw new Error(`${a.length} values against ${b.length}`)
  let greatest = 0
  let sum = 0
  for (let i = 0; i < a.length; i++) {
    const distance = Math.abs((a[i] as number) - (b[i] as number))
    greatest = Number.isNaN(distance) ? Infinity : Math.max(greatest, distance)
    sum += distance
  }
  return { greatest, mean: sum / a.length }
}
