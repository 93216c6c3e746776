import { describe, expect, test } from 'vitest'
import { startOrthanc } from '../support/orthanc.ts'
import { peerMissing } from '../support/peer-missing.ts'
import { PROFILES } from '../support/profiles.ts'
import { makeRadiograph } from '../support/radiograph.ts'
import { storeMade } from '../support/store.ts'

const WAIT = { timeout: 120_000, interval: 250 }

describe.each(PROFILES)('kill -9 in the $name profile', (profile) => {
  const skip = profile.missing ?? peerMissing('orthanc')

  test.skipIf(skip !== undefined)(
    `ten studies are reported, each once, although the process dies among them ${skip ?? ''}`,
    async () => {
      const orthanc = await startOrthanc()
      const node = await profile.start({
        PACS_STOW_URL: orthanc.stowUrl.href,
        STUDY_QUIET_MS: '300',
        ANALYSIS_LEASE_MS: '2000',
      })
      try {
        const made = Array.from({ length: 10 }, (_, i) =>
          makeRadiograph({ Rows: 1024, Columns: 1024 }, { seed: 100 + i }),
        )
        const outcomes = await storeMade(node.url, made)
        expect([...outcomes.values()].map(({ kind }) => kind)).toEqual(made.map(() => 'stored'))
        const victim = profile.name === 'embedded' ? 'start' : 'worker'
        await node.kill(victim)
        await node.start()

        for (const { studyInstanceUid } of made) {
          await expect.poll(async () => (await node.study(studyInstanceUid)).state, WAIT).toBe('REPORTED')
          await expect
            .poll(async () => (await node.study(studyInstanceUid)).deliveries.map(({ state }) => state), WAIT)
            .not.toContain('WAITING')
        }

        const studies = await Promise.all(made.map(({ studyInstanceUid }) => node.study(studyInstanceUid)))
        const reports = studies.map(({ results }) => results.filter(({ kind }) => kind === 'SR').length)
        expect(reports).toEqual(made.map(() => 1))
        const produced = studies
          .flatMap(({ results }) => results.map(({ sopInstanceUid }) => sopInstanceUid))
          .toSorted()
        expect(await orthanc.sopInstanceUids()).toEqual(produced)
      } finally {
        await node.close()
        await orthanc.close()
      }
    },
    300_000,
  )
})
