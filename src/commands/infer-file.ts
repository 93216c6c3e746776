import { readFile } from 'node:fs/promises'
import { readHeader } from '../dicom/part10-header.ts'
import { ServiceError } from '../errors.ts'
import { ineligibleBecause } from '../pipeline/assemble/eligibility.ts'
import type { Inference } from '../pipeline/infer/create-inference.ts'
import type { ModelPackage } from '../pipeline/infer/model-package.ts'
import type { Finding } from '../pipeline/localize/finding.ts'
import type { InferLine, InferRegion } from './infer-line.ts'

export interface InferFileDeps {
  readonly inference: Inference
  readonly modelPackage: ModelPackage
  readonly all: boolean
  /** Score what the model is not meant for, too. */
  readonly force: boolean
}

/** One file by itself: whatever is wrong with it is in its line, and never ends the others. */
export async function inferFile(file: string, deps: InferFileDeps): Promise<InferLine> {
  const { inference, modelPackage, all, force } = deps
  const { identity, manifest } = modelPackage
  try {
    const instance = readHeader(await readFile(file))
    const reasons = ineligibleBecause(instance, manifest.eligibility)
    const { name: model, version } = identity
    const eligible = reasons.length === 0
    const line = { file, sopInstanceUid: instance.sopInstanceUid, eligible, reasons, model, version }
    if (!eligible && !force) return { ...line, scores: {}, regions: [] }
    const { findings, provider, rows, columns } = await inference.analyse(file, model, { all })
    return { ...line, provider, rows, columns, scores: toScores(findings), regions: findings.flatMap(toRegions) }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const code = error instanceof ServiceError ? error.code : 'code' in error ? String(error.code) : 'FAILED'
    return { file, error: code, message: error.message }
  }
}

function toScores(findings: readonly Finding[]): Record<string, number> {
  const ofImage = findings.filter(({ region }) => region === null)
  return Object.fromEntries(ofImage.map(({ label, score }) => [label, score]))
}

function toRegions({ label, score, region }: Finding): readonly InferRegion[] {
  if (region === null) return []
  const { left, top, right, bottom } = region.box
  return [{ label, score, box: [left, top, right, bottom], method: region.method }]
}
