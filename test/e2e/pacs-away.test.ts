import { describe, expect, test, vi } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { startOrthanc } from '../support/orthanc.ts'
import { peerMissing } from '../support/peer-missing.ts'
import { PROFILES } from '../support/profiles.ts'
import { makeRadiograph } from '../support/radiograph.ts'
import { storeMade } from '../support/store.ts'

const WAIT = { timeout: 60_000, interval: 250 }

describe.each(PROFILES)('a PACS that is away, $name profile', (profile) => {
  const skip = profile.missing ?? peerMissing('orthanc')

  test.skipIf(skip !== undefined)(
    `gets its results when it is back, each once ${skip ?? ''}`,
    async () => {
      const httpPort = await freePort()
      const node = await profile.start({ PACS_STOW_URL: `http://127.0.0.1:${httpPort}/dicom-web/studies` })
      const made = makeRadiograph({}, { seed: 300 })
      try {
        await storeMade(node.url, [made])
        const waiting = await vi.waitFor(async () => {
          const study = await node.study(made.studyInstanceUid)
          if (!study.deliveries.some(({ attempts }) => attempts > 1)) throw new Error('not tried twice yet')
          return study
        }, WAIT)
        expect(waiting.deliveries).toMatchObject(
          waiting.results.map(() => ({ state: 'WAITING', lastAnswer: 'no answer: ECONNREFUSED' })),
        )

        const orthanc = await startOrthanc({ httpPort })
        try {
          const study = await vi.waitFor(async () => {
            const found = await node.study(made.studyInstanceUid)
            if (found.deliveries.some(({ state }) => state !== 'DELIVERED')) throw new Error('not delivered yet')
            return found
          }, WAIT)
          expect(await orthanc.sopInstanceUids()).toEqual(
            study.results.map(({ sopInstanceUid }) => sopInstanceUid).toSorted(),
          )
        } finally {
          await orthanc.close()
        }
      } finally {
        await node.close()
      }
    },
    180_000,
  )
})
