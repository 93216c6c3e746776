import { describe, expect, test } from 'vitest'
import { afterAttempt, retryDelayMs } from '../../../src/pipeline/send/deliver.ts'

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
