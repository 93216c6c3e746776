import { readFileSync } from 'node:fs'
import { readPixelData } from '../../dicom/pixels/pixel-data.ts'
import type { Finding } from '../localize/finding.ts'
import { decodeForModel, toModelInput } from './model-input.ts'
import type { ModelSession } from './model-session.ts'
import { readFindings } from './read-outputs.ts'

export interface AnalysisTimings {
  readonly readMs: number
  readonly decodeMs: number
  readonly preprocessMs: number
  readonly inferMs: number
  readonly localizeMs: number
}

/** What one model says about one image. */
export interface Analysis {
  readonly rows: number
  readonly columns: number
  /** What really ran the model. */
  readonly provider: string
  readonly findings: readonly Finding[]
  readonly timings: AnalysisTimings
}

export interface AnalyseOptions {
  /** Also regions below their threshold, from a score of 0.01. */
  readonly all: boolean
}

/** One radiograph through one model, step by step. @throws UnreadableInstance, UndecodablePixels, ModelUnusable */
export async function analyseFile(path: string, session: ModelSession, options: AnalyseOptions): Promise<Analysis> {
  const { manifest } = session.modelPackage
  const lap = stopwatch()
  // At once and not through libuv's threads: this thread has nothing else to do, and every core is busy inferring.
  const data = readPixelData(readFileSync(path))
  const readMs = lap()
  const frame = await decodeForModel(data, manifest.input)
  const decodeMs = lap()
  const input = toModelInput(frame, manifest.input)
  const preprocessMs = lap()
  const outputs = await session.run(input)
  const inferMs = lap()
  const findings = readFindings(outputs, { manifest, placement: input.placement, options })
  const timings = { readMs, decodeMs, preprocessMs, inferMs, localizeMs: lap() }
  return { rows: frame.storedRows, columns: frame.storedColumns, provider: session.provider, findings, timings }
}

/** Milliseconds since it was last asked, to a tenth. */
function stopwatch(): () => number {
  let last = performance.now()
  return () => {
    const now = performance.now()
    const elapsed = Math.round((now - last) * 10) / 10
    last = now
    return elapsed
  }
}
