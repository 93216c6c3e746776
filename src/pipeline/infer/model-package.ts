import { createHash } from 'node:crypto'
import { readFile, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { ModelUnusable } from '../../errors.ts'
import type { Manifest } from './manifest.ts'
import { PREPROCESS_VERSION } from './model-input.ts'
import { externalDataOf } from './onnx-weights.ts'
import { readManifest } from './read-manifest.ts'

/** What results say about the model that made them. */
export interface ModelIdentity {
  readonly name: string
  readonly version: string
  /** sha256 over weights, manifest and the version of the preprocessing: another key is another analysis. */
  readonly key: string
  readonly manufacturer: string
  readonly status: 'RESEARCH' | 'PRODUCT'
  readonly title: string
  /** How scores were made probabilities; undefined: they are only scores. */
  readonly calibration: string | undefined
  /** The name of the operating point in force, and its thresholds by label. */
  readonly operatingPoint: string
  readonly operatingPoints: Readonly<Record<string, number>>
}

/** A model on disk that has been checked; data only, so that it can be sent to a worker thread. */
export interface ModelPackage {
  readonly directory: string
  readonly weightsPath: string
  readonly manifest: Manifest
  readonly identity: ModelIdentity
}

/** Reads and checks models/<name>/ without opening it in ONNX Runtime. @throws ModelUnusable that names folder and field. */
export async function loadModelPackage(directory: string): Promise<ModelPackage> {
  try {
    const root = await realpath(directory)
    const json = await readFile(join(root, 'manifest.json'), 'utf8')
    const manifest = readManifest(json)
    const weightsPath = await inside(root, manifest.weights.file, 'weights/file')
    const weights = await readFile(weightsPath)
    const sha256 = createHash('sha256').update(weights).digest('hex')
    if (sha256 !== manifest.weights.sha256)
      throw new ModelUnusable(`weights/sha256 is not that of ${manifest.weights.file} (${sha256})`)
    const key = createHash('sha256').update(`${PREPROCESS_VERSION}\n${sha256}\n`).update(json)
    for (const location of externalDataOf(weights)) {
      key.update(await readFile(await inside(root, location, 'external data')))
    }
    return { directory: root, weightsPath, manifest, identity: toIdentity(manifest, key.digest('hex')) }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ModelUnusable(`model package ${directory}: ${reason}`, { cause })
  }
}

/** Only files whose real path stays in the package's folder: a manifest or model must not read the rest of the disk. */
async function inside(root: string, name: string, field: string): Promise<string> {
  const path = await realpath(join(root, name)).catch((cause: unknown) => {
    throw new ModelUnusable(`${field}: ${name} is missing`, { cause })
  })
  if (!path.startsWith(root + sep)) throw new ModelUnusable(`${field}: ${name} lies outside the package's folder`)
  return path
}

function toIdentity(manifest: Manifest, key: string): ModelIdentity {
  const { name, version, manufacturer, status, title, outputs } = manifest
  const points: Record<string, number> = {}
  let operatingPoint = 'none'
  let calibration: string | undefined
  for (const head of outputs) {
    if (head.kind !== 'classification') continue
    operatingPoint = head.defaultOperatingPoint
    calibration = head.calibration
    for (const [i, label] of head.labels.entries()) points[label] = head.operatingPoints[operatingPoint]?.[i] ?? 1
  }
  return { name, version, key, manufacturer, status, title, calibration, operatingPoint, operatingPoints: points }
}
