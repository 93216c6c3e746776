import { once } from 'node:events'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { multipartAnswer } from '../../../src/pipeline/archive/multipart-answer.ts'

const endless = () =>
  new Readable({
    read() {
      setTimeout(() => this.push('more'), 1)
    },
  })

async function* partsOf(...bodies: readonly Readable[]) {
  for (const body of bodies) yield { contentType: 'application/dicom', location: '/1', body }
}

test('a client that leaves before the first byte leaves no open file behind', async () => {
  const file = endless()
  const { body } = await multipartAnswer('application/dicom', partsOf(file))

  body.destroy()
  await once(body, 'close')

  expect(file.destroyed).toBe(true)
})

test('a client that leaves in the middle leaves no open file behind', async () => {
  const file = endless()
  const { body } = await multipartAnswer('application/dicom', partsOf(Readable.from([Buffer.from('one')]), file))
  body.resume()
  await expect.poll(() => file.listenerCount('end')).toBeGreaterThan(0)

  body.destroy()

  await expect.poll(() => file.destroyed).toBe(true)
})
