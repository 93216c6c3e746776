import { expect, test } from 'vitest'
import { ArchiveUnavailable } from '../src/errors.ts'
import { createLogger } from '../src/logger.ts'
import { series } from '../src/record/schema.ts'
import { withRecord } from './support/memory-record.ts'

test('a query that fails is logged with its reason and without its parameters', () =>
  withRecord(async (record) => {
    const lines: string[] = []
    const log = createLogger('info', { write: (line) => void lines.push(line) })
    const attributes = { '00100010': { vr: 'PN', Value: [{ Alphabetic: 'SECRET^NAME' }] } }
    const failure: unknown = await record
      .insert(series)
      .values({ seriesInstanceUid: '1.2.3', studyInstanceUid: '1.2.4', attributes })
      .catch((error: unknown) => error)

    log.error({ err: failure }, 'direct')
    log.error({ err: new ArchiveUnavailable('the record cannot be written', { cause: failure }) }, 'wrapped')

    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).toContain('SECRET')
    expect(lines.join('')).not.toContain('SECRET')
    for (const line of lines) expect(line).toMatch(/foreign key/)
    expect(lines[1]).toContain('the record cannot be written')
  }))
