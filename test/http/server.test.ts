import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { NotFound } from '../../src/errors.ts'
import { createServer } from '../../src/http/server.ts'
import { health } from '../../src/http/health.ts'
import { createLogger } from '../../src/logger.ts'

const log = createLogger('silent')

test('a foreseen failure is answered as problem details with its code', async () => {
  const server = createServer({ log })
  server.get('/gone', () => {
    throw new NotFound('no such study')
  })

  const answer = await server.inject('/gone')

  expect(answer.statusCode).toBe(404)
  expect(answer.headers['content-type']).toBe('application/problem+json')
  expect(answer.json()).toMatchObject({ status: 404, code: 'NOT_FOUND', detail: 'no such study' })
})

test('a bug is answered without its message or stack', async () => {
  const server = createServer({ log })
  server.get('/bug', () => {
    throw new Error('the secret of the database')
  })

  const answer = await server.inject('/bug')

  expect(answer.statusCode).toBe(500)
  expect(answer.body).not.toContain('secret')
  expect(answer.body).not.toContain('server.test')
})

test('with a token set, only health answers without it', async () => {
  const server = createServer({ log, token: 'right' })
  await server.register(health, { unready: async () => [], about: {} })
  server.get('/v1', () => 'in')

  const given = (authorization?: string) =>
    server.inject({ url: '/v1', headers: authorization === undefined ? {} : { authorization } })

  expect((await given()).statusCode).toBe(401)
  expect((await given('Bearer wrong')).statusCode).toBe(401)
  expect((await given('Bearer right')).statusCode).toBe(200)
  expect((await server.inject('/health/live')).statusCode).toBe(200)
})

test('readiness names what does not answer', async () => {
  const server = createServer({ log })
  await server.register(health, { unready: async () => ['queue'], about: {} })

  const answer = await server.inject('/health/ready')

  expect(answer.statusCode).toBe(503)
  expect(answer.json()).toEqual({ status: 'not ready', missing: ['queue'] })
})

test('a sender that stops in the middle of its body is let go', async () => {
  const server = createServer({ log, idleLimitMs: 200 })
  server.post('/slow', async () => 'taken')
  await server.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1')

  socket.write('POST /slow HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nhalf')
  socket.resume()

  await once(socket, 'close', { signal: AbortSignal.timeout(5000) })
  expect(socket.destroyed).toBe(true)
  await server.close()
})
