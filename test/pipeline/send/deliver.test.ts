import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { InstanceArchive } from '../../../src/pipeline/archive/instance-archive.ts'
import { afterAttempt, deliver, retryDelayMs } from '../../../src/pipeline/send/deliver.ts'
import { deliveries, results } from '../../../src/record/schema.ts'
import { registered, withRecord } from '../../support/memory-record.ts'
import { makeRadiograph } from '../../support/radiograph.ts'

const MADE = new Date('2026-01-01T12:00:00Z')
const HOUR_MS = 3_600_000
const policy = { now: () => MADE, retryForMs: HOUR_MS }

describe('retries', () => {
  test('grow from a second to five minutes and never beyond', () => {
    expect([1, 2, 3, 4].map((attempt) => retryDelayMs(attempt, 0))).toEqual([1000, 2000, 4000, 8000])
    expect([20, 100, 10_000].map((attempt) => retryDelayMs(attempt, 0))).toEqual([300_000, 300_000, 300_000])
  })

  test('are spread over the later half of their delay', () => {
    expect(retryDelayMs(3, 1)).toBe(2000)
    expect(retryDelayMs(3, 0.5)).toBe(3000)
  })
})

test('what the PACS stored is delivered, with its warning', () => {
  expect(afterAttempt(policy, MADE, 1, { kind: 'stored', warning: 'warning B000' })).toEqual({
    state: 'DELIVERED',
    lastAnswer: 'warning B000',
  })
})

test('what the PACS refused is kept with its reason, and not tried again', () => {
  expect(afterAttempt(policy, MADE, 1, { kind: 'refused', reason: 'answered 409' })).toEqual({
    state: 'REFUSED',
    lastAnswer: 'answered 409',
  })
})

test('a PACS that asks for more time gets it', () => {
  const turn = afterAttempt(policy, MADE, 1, { kind: 'unavailable', reason: 'answered 503', retryAfterMs: 60_000 })

  expect(turn).toMatchObject({ state: 'WAITING', nextAttemptAt: new Date(MADE.getTime() + 60_000) })
})

test('trying ends: a delivery that is older than its limit expires', () => {
  const late = { ...policy, now: () => new Date(MADE.getTime() + HOUR_MS) }

  expect(afterAttempt(late, MADE, 30, { kind: 'unavailable', reason: 'no answer: ECONNREFUSED' })).toEqual({
    state: 'EXPIRED',
    lastAnswer: 'no answer: ECONNREFUSED',
  })
})

test('an object that is gone from the archive uses up an attempt like a PACS that is away', () =>
  withRecord(async (record) => {
    const { studyInstanceUid, sopInstanceUid, ...made } = makeRadiograph()
    await registered(record, made, MADE)
    await record
      .insert(results)
      .values({ sopInstanceUid, studyInstanceUid, kind: 'SR', reportKey: 'key', instanceNumber: 1, createdAt: MADE })
    const delivery = { state: 'WAITING' as const, createdAt: MADE, nextAttemptAt: MADE }
    const [entered] = await record
      .insert(deliveries)
      .values({ ...delivery, sopInstanceUid, studyInstanceUid, destination: 'pacs' })
      .returning({ id: deliveries.id })
    const server = createServer((request, response) => request.resume().on('end', () => response.end()))
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const deps = {
      ...policy,
      record,
      archive: { pathOf: () => '/nowhere.dcm' } as unknown as InstanceArchive,
      destinations: [{ name: 'pacs', stowUrl: new URL(`http://127.0.0.1:${port}/studies`) }],
    }

    const turn = await deliver(deps, entered?.id ?? 0, AbortSignal.timeout(5000))

    expect(turn).toMatchObject({ state: 'WAITING', attempts: 1, lastAnswer: expect.stringContaining('archived file') })
    server.close()
  }))
