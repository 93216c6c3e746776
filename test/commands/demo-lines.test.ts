import { expect, test } from 'vitest'

import { demoLines } from '../../src/commands/demo-lines.ts'
import type { Study } from '../../src/ris/study-resource.ts'

const opacity = {
  label: 'Opacity',
  code: { value: '1', scheme: '99TEST', meaning: 'Opacity' },
  site: null,
  present: true,
}
const eligible: Study['instances'][number] = {
  sopInstanceUid: '2.25.2',
  seriesInstanceUid: '2.25.4',
  sopClassUid: '1.2.840.10008.5.1.4.1.1.1',
  revision: 1,
  receivedAt: '2026-01-01T12:00:00Z',
  eligible: true,
  reasons: [],
  analyses: [
    {
      model: 'hilum-opacity',
      version: '1',
      provider: 'cpu',
      state: 'DONE',
      reason: null,
      attempts: 1,
      startedAt: null,
      finishedAt: null,
      timings: {},
      findings: [
        { ...opacity, score: 0.9, region: null },
        {
          ...opacity,
          score: 0.8,
          region: { method: 'detected', box: { left: 1, top: 2, right: 30.25, bottom: 40 } },
        },
      ],
    },
  ],
}
const study: Study = {
  priority: 'MEDIUM',
  timings: { analysedMs: 400, settledMs: 3000, reportedMs: 3500, deliveredMs: null },
  studyInstanceUid: '2.25.1',
  state: 'REPORTED',
  receivedAt: '2026-01-01T12:00:00Z',
  settledAt: '2026-01-01T12:00:03.000Z',
  reportedAt: '2026-01-01T12:00:03.500Z',
  instances: [eligible],
  results: [
    {
      kind: 'SR',
      instanceNumber: 1,
      createdAt: null,
      sopInstanceUid: '2.25.3',
      sourceSopInstanceUid: null,
      retrieveUrl: '/dicom-web/studies/2.25.1',
    },
  ],
  deliveries: [],
}
const shown = { quietMs: 3000, fileOf: new Map(), pictureOf: new Map(), node: 'http://127.0.0.1:1' }

test('an eligible image is shown with score and box in image pixels, and the quiet period apart', () => {
  const text = demoLines({ study, ...shown }).join('\n')

  expect(text).toContain('3.50 s from the last byte to the stored results, of which the quiet period is 3.00 s')
  expect(text).toContain('Opacity 0.900, whole image: present')
  expect(text).toContain('Opacity 0.800, detected, box [1.0, 2.0, 30.3, 40.0]')
  expect(text).toContain('SR    http://127.0.0.1:1/dicom-web/studies/2.25.1')
})

test('a refused image is shown with its reason and nothing else', () => {
  const reasons = [{ code: 'NOT_CHEST', text: 'The body part is not the chest.' }]
  const refused = {
    ...study,
    state: 'NOT_ELIGIBLE' as const,
    instances: [{ ...eligible, eligible: false, reasons }],
    results: [],
  }

  const text = demoLines({ study: refused, ...shown }).join('\n')

  expect(text).toContain('refused: NOT_CHEST (The body part is not the chest.)')
  expect(text).not.toContain('Opacity')
})
