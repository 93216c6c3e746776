import { createHash } from 'node:crypto'
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Manifest } from '../../src/pipeline/infer/manifest.ts'

/**
 * An ONNX model of a few nodes: image [1, 1, 64, 64] → score = its maximum, clipped to 0..1; boxes = four fixed ones
 * (two of them near copies) with scores 0.9, 0.8, 0.6 and 0.005 times the score; activation_map [1, 1, 16, 16] = the
 * image, averaged.
 */
const WEIGHTS = Buffer.from(
  'CAg68AUKOAoFaW1hZ2USAm14IglSZWR1Y2VNYXgqDwoEYXhlc0ABQAJAA6ABByoPCghrZWVwZGltcxgAoAECChcKAm14CgNzMTESA214MiIHUmVzaGFwZQodCgNteDIKBHplcm8KA29uZRIFc2NvcmUiBENsaXAKQwoFaW1hZ2USBHBvb2wiC0F2ZXJhZ2VQb29sKhUKDGtlcm5lbF9zaGFwZUAEQASgAQcqEAoHc3RyaWRlc0AEQASgAQcKJwoEcG9vbAoEemVybwoDb25lEg5hY3RpdmF0aW9uX21hcCIEQ2xpcAocCgVzY29yZQoCYnMSCmJveF9zY29yZXMiA011bAo4CgVpbWFnZRIBbSIKUmVkdWNlTWVhbioPCgRheGVzQAFAAkADoAEHKg8KCGtlZXBkaW1zGACgAQIKEgoBbQoEemVybxICbTAiA011bAoXCgJtMAoEczExMRICbTMiB1Jlc2hhcGUKFAoCYngKAm0zEgVib3hlcyIDQWRkEgR0aW55KhsIAhAHQgNzMTFKEAEAAAAAAAAAAQAAAAAAAAAqJAgDEAdCBHMxMTFKGAEAAAAAAAAAAQAAAAAAAAABAAAAAAAAACoOEAFCBHplcm9KBAAAAAAqDRABQgNvbmVKBAAAgD8qHAgBCAQQAUICYnNKEGZmZj/NzEw/mpkZPwrXozsqTggBCAQIBBABQgJieEpAzczMPc3MTD7NzMw+AAAAP65H4T09Clc+hevRPlyPAj+amRk/mpkZP2ZmZj/NzEw/AAAAAAAAAAAAAIA/AACAP1ofCgVpbWFnZRIWChQIARIQCgIIAQoCCAEKAghACgIIQGIXCgVzY29yZRIOCgwIARIICgIIAQoCCAFiGwoFYm94ZXMSEgoQCAESDAoCCAEKAggECgIIBGIcCgpib3hfc2NvcmVzEg4KDAgBEggKAggBCgIIBGIoCg5hY3RpdmF0aW9uX21hcBIWChQIARIQCgIIAQoCCAEKAggQCgIIEEIECgAQDQ==',
  'base64',
)

export function tinyManifest(weights: Uint8Array = WEIGHTS): Manifest {
  return {
    name: 'tiny',
    version: '1.0.0',
    status: 'RESEARCH',
    title: 'A model for tests',
    manufacturer: 'Hilum',
    licence: 'any',
    intendedUse: 'tests',
    notFor: ['anything else'],
    weights: { file: 'model.onnx', sha256: createHash('sha256').update(weights).digest('hex') },
    eligibility: { modalities: ['CR', 'DX'], bodyParts: ['CHEST'], views: ['PA', 'AP'], minimumAgeYears: 16 },
    input: {
      tensor: 'image',
      layout: 'NCHW',
      rows: 64,
      columns: 64,
      channels: 1,
      aspect: 'squash',
      intensity: { kind: 'voi' },
      mean: [0],
      deviation: [1],
    },
    outputs: [
      {
        kind: 'classification',
        tensor: 'score',
        labels: ['Lung Opacity'],
        activation: 'none',
        operatingPoints: { balanced: [0.5] },
        defaultOperatingPoint: 'balanced',
      },
      {
        kind: 'boxes',
        tensor: 'boxes',
        scoresTensor: 'box_scores',
        labels: ['Lung Opacity'],
        format: 'ltrb',
        space: 'normalized',
        nms: { kind: 'hard', iou: 0.4 },
        threshold: 0.3,
        maximum: 12,
      },
      {
        kind: 'activation-map',
        tensor: 'activation_map',
        labels: ['Lung Opacity'],
        activation: 'none',
        threshold: 0.5,
        method: 'cam',
      },
    ],
    findings: [
      {
        label: 'Lung Opacity',
        code: { value: '112001', scheme: 'DCM', meaning: 'Opacity' },
        site: { value: '39607008', scheme: 'SCT', meaning: 'Lung' },
        urgency: 'MEDIUM',
        region: ['boxes', 'activation-map'],
      },
    ],
  }
}

export interface TinyModelOptions {
  readonly weights?: Uint8Array
  readonly change?: (manifest: Manifest) => unknown
}

/** A model package in a folder of its own, which is removed afterwards. */
export async function withTinyModel<Value>(
  options: TinyModelOptions,
  use: (directory: string) => Promise<Value>,
): Promise<Value> {
  const root = await mkdtemp(join(tmpdir(), 'hilum-model-'))
  const directory = join(root, 'tiny')
  const weights = options.weights ?? WEIGHTS
  const manifest = tinyManifest(weights)
  try {
    await mkdir(directory)
    await writeFile(join(directory, 'model.onnx'), weights)
    await writeFile(join(directory, 'manifest.json'), JSON.stringify(options.change?.(manifest) ?? manifest))
    return await use(directory)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}
