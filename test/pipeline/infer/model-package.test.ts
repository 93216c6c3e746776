import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { ModelUnusable } from '../../../src/errors.ts'
import type { Manifest } from '../../../src/pipeline/infer/manifest.ts'
import { loadModelPackage } from '../../../src/pipeline/infer/model-package.ts'
import { openModel } from '../../../src/pipeline/infer/model-session.ts'
import { externalDataOf } from '../../../src/pipeline/infer/onnx-weights.ts'
import { withTinyModel } from '../../support/tiny-model.ts'

const [classification, boxes, map] = [0, 1, 2] as const
const withHead = (index: number, change: object) => (manifest: Manifest) => ({
  ...manifest,
  outputs: manifest.outputs.map((head, i) => (i === index ? { ...head, ...change } : head)),
})

test('a package that is as it says is loaded, with a key that follows its content', async () => {
  const load = (change?: (manifest: Manifest) => unknown) =>
    withTinyModel(change === undefined ? {} : { change }, loadModelPackage)
  const [first, second, other] = [await load(), await load(), await load((m) => ({ ...m, title: 'Another' }))]

  expect(first.identity).toMatchObject({
    name: 'tiny',
    operatingPoint: 'balanced',
    operatingPoints: { 'Lung Opacity': 0.5 },
  })
  expect(second.identity.key).toBe(first.identity.key)
  expect(other.identity.key).not.toBe(first.identity.key)
})

test.each<[string, RegExp, (manifest: Manifest) => unknown]>([
  ['a field that is missing', /required property 'manufacturer'/, (m) => ({ ...m, manufacturer: undefined })],
  ['a field that nobody knows', /outputs\/1.*additional properties.*nmss/, withHead(boxes, { nmss: 1 })],
  ['a value of the wrong kind', /input\/rows must be integer/, (m) => ({ ...m, input: { ...m.input, rows: '64' } })],
  ['another threshold than 0 to 1', /outputs\/2\/threshold must be <= 1/, withHead(map, { threshold: 50 })],
  ['a label without a code', /outputs\/0\/labels.*'Nodule'/, withHead(classification, { labels: ['Nodule'] })],
  [
    'an operating point that is not there',
    /outputs\/0\/defaultOperatingPoint/,
    withHead(classification, { defaultOperatingPoint: 'x' }),
  ],
  ['means for other channels', /input\/mean/, (m) => ({ ...m, input: { ...m.input, mean: [0, 0] } })],
  ['another hash', /weights\/sha256/, (m) => ({ ...m, weights: { ...m.weights, sha256: '0'.repeat(64) } })],
  [
    'weights outside its folder',
    /weights\/file.*outside/,
    (m) => ({ ...m, weights: { ...m.weights, file: '../elsewhere' } }),
  ],
  ['no JSON', /no JSON|whole/, () => 'nothing'],
])('%s stops the load and is named', async (_name, message, change) => {
  await withTinyModel({ change }, async (directory) => {
    await writeFile(join(dirname(directory), 'elsewhere'), 'x')
    await expect(loadModelPackage(directory)).rejects.toThrow(ModelUnusable)
    await expect(loadModelPackage(directory)).rejects.toThrow(message)
  })
})

/** One field of a protocol buffer message with bytes as its value. */
const field = (number: number, body: Uint8Array) => Buffer.concat([Buffer.from([(number << 3) | 2, body.length]), body])
const text = (value: string) => Buffer.from(value)
const external = (location: string) =>
  field(7, field(5, field(13, Buffer.concat([field(1, text('location')), field(2, text(location))]))))

test('external data is found wherever a tensor may be', () => {
  expect(externalDataOf(external('weights.bin'))).toEqual(['weights.bin'])
})

test('external data that a link leads out of the folder stops the load', async () => {
  await withTinyModel({ weights: external('weights.bin') }, async (directory) => {
    const outside = join(dirname(directory), 'outside')
    await mkdir(outside)
    await writeFile(join(outside, 'secret'), 'x')
    await symlink(join(outside, 'secret'), join(directory, 'weights.bin'))
    await expect(loadModelPackage(directory)).rejects.toThrow(/external data.*outside/)

    await rm(join(directory, 'weights.bin'))
    await writeFile(join(directory, 'weights.bin'), 'x')
    await expect(loadModelPackage(directory)).resolves.toBeDefined()
  })
})

test('sparse tensors are not taken', () => {
  expect(() => externalDataOf(field(7, field(15, text('x'))))).toThrow(/sparse/)
})

test('weights that are no ONNX stop the load', async () => {
  await withTinyModel({ weights: text('these are no weights') }, async (directory) => {
    await expect(loadModelPackage(directory)).rejects.toThrow(/no ONNX/)
  })
})

test.each<[string, RegExp, (manifest: Manifest) => unknown]>([
  ['an input that the graph lacks', /no input 'picture'/, (m) => ({ ...m, input: { ...m.input, tensor: 'picture' } })],
  ['an output that the graph lacks', /no output 'heat'/, withHead(map, { tensor: 'heat' })],
  ['another size than the graph takes', /1 x 1 x 64 x 64/, (m) => ({ ...m, input: { ...m.input, rows: 128 } })],
  ['a head that its tensor does not fit', /'score' is 1 x 1/, withHead(map, { tensor: 'score' })],
])('%s is found when the session opens', async (_name, message, change) => {
  await withTinyModel({ change }, async (directory) => {
    const modelPackage = await loadModelPackage(directory)

    await expect(openModel(modelPackage, { provider: 'cpu', intraOpThreads: 1 })).rejects.toThrow(message)
  })
})
