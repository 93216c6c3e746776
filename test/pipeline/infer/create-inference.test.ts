import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { ModelUnusable, UndecodablePixels, UnreadableInstance } from '../../../src/errors.ts'
import { createInference, type Inference, type InferenceOptions } from '../../../src/pipeline/infer/create-inference.ts'
import { loadModelPackage } from '../../../src/pipeline/infer/model-package.ts'
import { encapsulated } from '../../support/encapsulated.ts'
import { makeRadiograph } from '../../support/radiograph.ts'
import { withTinyModel } from '../../support/tiny-model.ts'

const folder = mkdtempSync(join(tmpdir(), 'hilum-infer-'))
afterAll(() => rmSync(folder, { recursive: true }))

function write(name: string, bytes: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

/** White in the upper left quarter, black elsewhere. */
const quarter = Uint16Array.from({ length: 160 * 128 }, (_, i) => (i % 128 < 64 && i < 80 * 128 ? 4095 : 0))
const good = write('good.dcm', makeRadiograph({ Rows: 160, Columns: 128 }, { pixels: quarter }).bytes)
/** A fiftieth of white on one side. */
const faint = Uint16Array.from({ length: 80 * 64 }, (_, i) => (i % 64 < 32 ? 0 : 82))
const dark = write('dark.dcm', makeRadiograph({}, { pixels: faint }).bytes)
const garbage = write('garbage.dcm', encapsulated('1.2.840.10008.1.2.4.90', [new Uint8Array(2000).fill(7)]))
const text = write('text.dcm', Buffer.from('no DICOM at all'))

function withInference<Value>(
  use: (inference: Inference) => Promise<Value>,
  options: Partial<InferenceOptions> = {},
): Promise<Value> {
  return withTinyModel({}, async (directory) => {
    const packages = [await loadModelPackage(directory)]
    const log = { info: () => undefined, warn: () => undefined }
    const inference = await createInference({ packages, provider: 'cpu', threads: 2, log, ...options })
    try {
      return await use(inference)
    } finally {
      await inference.close()
    }
  })
}

test('findings are in pixels of the stored matrix, with both kinds of region', async () => {
  const { rows, columns, provider, findings } = await withInference((inference) => inference.analyse(good, 'tiny'))

  expect({ rows, columns, provider }).toEqual({ rows: 160, columns: 128, provider: 'cpu' })
  expect(findings[0]).toMatchObject({ label: 'Lung Opacity', score: 1, present: true, region: null })
  const regions = findings.flatMap(({ region, score }) => (region === null ? [] : [{ ...region, score }]))
  // Fractions 0.1, 0.2, 0.4, 0.5 of 128 columns and 160 rows; the near copy of score 0.8 is suppressed.
  expect(regions.filter(({ method }) => method === 'detected')).toEqual([
    { method: 'detected', score: 0.9, box: { left: 12.8, top: 32, right: 51.2, bottom: 80 } },
    { method: 'detected', score: 0.6, box: { left: 76.8, top: 96, right: 115.2, bottom: 128 } },
  ])
  const [weak] = regions.filter(({ method }) => method === 'weakly-localized')
  expect(weak?.box).toMatchObject({ left: 0, top: 0 })
  expect(weak?.box.right).toBeCloseTo(64, -0.5)
  expect(weak?.box.bottom).toBeCloseTo(80, -0.5)
})

test('an image below the operating point has no weakly localized region, unless all are asked for', async () => {
  await withInference(async (inference) => {
    const { findings } = await inference.analyse(dark, 'tiny')
    expect(findings).toEqual([expect.objectContaining({ score: 0.02, present: false, region: null })])

    const all = await inference.analyse(good, 'tiny', { all: true })
    expect(all.findings.filter(({ region }) => region?.method === 'detected')).toHaveLength(2)
  })
})

test('the same image gives the same findings', async () => {
  await withInference(async (inference) => {
    const [one, ...others] = await Promise.all(Array.from({ length: 6 }, () => inference.analyse(good, 'tiny')))

    for (const other of others) expect(other.findings).toEqual(one?.findings)
  })
})

test('a bad file fails alone and by its kind', async () => {
  await withInference(async (inference) => {
    const outcomes = await Promise.allSettled([garbage, text, good].map((path) => inference.analyse(path, 'tiny')))

    expect(outcomes).toEqual([
      { status: 'rejected', reason: expect.any(UndecodablePixels) },
      { status: 'rejected', reason: expect.any(UnreadableInstance) },
      expect.objectContaining({ status: 'fulfilled' }),
    ])
    await expect(inference.analyse(good, 'another')).rejects.toThrow(ModelUnusable)
  })
})

test('an aborted signal ends an image and not the pool', async () => {
  await withInference(async (inference) => {
    await expect(inference.analyse(good, 'tiny', { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i)
    const controller = new AbortController()
    const running = inference.analyse(good, 'tiny', { signal: controller.signal })
    controller.abort()
    await expect(running).rejects.toThrow(/abort/i)

    await expect(inference.analyse(good, 'tiny')).resolves.toBeDefined()
  })
})

test('an image over its time limit is given up and the pool goes on', async () => {
  await withInference(
    async (inference) => {
      await expect(inference.analyse(good, 'tiny')).rejects.toThrow(/abort/i)
    },
    { limitMs: 0 },
  )
})

test('a provider that is missing stops the start with what it needs', async () => {
  await expect(withInference(() => Promise.resolve(), { provider: 'tensorrt' })).rejects.toThrow(/tensorrt.*needs/)
})

test('a named fallback runs instead, and says so', async () => {
  const provider = await withInference((inference) => Promise.resolve(inference.provider), {
    provider: 'tensorrt',
    fallbackProvider: 'cpu',
  })

  expect(provider).toBe('cpu')
})
