import { readdir, readFile, writeFile, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { text } from '../../src/dicom/attributes.ts'
import { naturalise } from '../../src/dicom/dataset.ts'
import { readHeader } from '../../src/dicom/part10-header.ts'
import type { Study } from '../../src/ris/study-resource.ts'
import { complaintsOfJudges } from '../support/judge.ts'
import { startOrthanc, type Orthanc } from '../support/orthanc.ts'
import { findProgram, peerMissing } from '../support/peer-missing.ts'
import { PROFILES } from '../support/profiles.ts'
import { sharedFolder, sharedPath, SHARED_MISSING } from '../support/shared.ts'
import { storeFiles } from '../support/store.ts'
import type { HilumNode } from '../support/hilum.ts'

const missing = sharedFolder() === undefined ? SHARED_MISSING : peerMissing('orthanc')
const WAIT = { timeout: 120_000, interval: 250 }

interface Sent {
  readonly path: string
  readonly studyInstanceUid: string
  readonly sopInstanceUid: string
  readonly bytes: Buffer
}

const sentFrom = async (folder: 'chest' | 'not-chest'): Promise<readonly Sent[]> => {
  const names = (await readdir(sharedPath('dicom', folder))).filter((name) => name.endsWith('.dcm')).toSorted()
  return await Promise.all(
    names.map(async (name) => {
      const path = sharedPath('dicom', folder, name)
      const bytes = await readFile(path)
      const { studyInstanceUid, sopInstanceUid } = readHeader(bytes)
      return { path, studyInstanceUid, sopInstanceUid, bytes }
    }),
  )
}

describe.each(PROFILES)('real radiographs through the $name profile', (profile) => {
  const skip = profile.missing ?? missing

  describe.skipIf(skip !== undefined)(`with a real Orthanc as PACS ${skip ?? ''}`, () => {
    let orthanc: Orthanc
    let node: HilumNode
    let chest: readonly Sent[]
    let other: readonly Sent[]
    const studies = new Map<string, Study>()

    beforeAll(async () => {
      orthanc = await startOrthanc()
      node = await profile.start({ PACS_STOW_URL: orthanc.stowUrl.href })
      chest = await sentFrom('chest')
      other = await sentFrom('not-chest')
      // One after the other: several of the files are one instance in several encodings, each a revision of the last.
      for (const { path, sopInstanceUid } of [...chest, ...other]) {
        const outcomes = await storeFiles(node.url, [path])
        if (outcomes.get(sopInstanceUid)?.kind !== 'stored') throw new Error(`${path} was not stored`)
      }
      for (const { studyInstanceUid } of [...chest, ...other]) {
        const study = await vi.waitFor(() => finishedStudy(node, studyInstanceUid), WAIT)
        studies.set(studyInstanceUid, study)
      }
    }, 400_000)
    afterAll(async () => {
      await node.close()
      await orthanc.close()
    })

    test('every chest radiograph is analysed, and its results are in the PACS', async () => {
      const held = new Set(await orthanc.sopInstanceUids())

      for (const { path, studyInstanceUid, sopInstanceUid } of chest) {
        const study = studies.get(studyInstanceUid)
        const instance = study?.instances.find((it) => it.sopInstanceUid === sopInstanceUid)
        expect(instance, path).toMatchObject({ eligible: true, reasons: [] })
        expect(instance?.analyses.at(-1), path).toMatchObject({ state: 'DONE', provider: 'cpu' })
        expect(study?.results.filter(({ kind }) => kind === 'SR').length, path).toBeGreaterThan(0)
        for (const result of study?.results ?? []) expect(held.has(result.sopInstanceUid), path).toBe(true)
        expect(
          study?.deliveries.every(({ state }) => state === 'DELIVERED'),
          path,
        ).toBe(true)
      }
    })

    test('what is not a chest is kept, not scored, and says why', () => {
      for (const { path, studyInstanceUid } of other) {
        const study = studies.get(studyInstanceUid)
        expect(study, path).toMatchObject({ state: 'NOT_ELIGIBLE', results: [] })
        expect(
          study?.instances[0]?.reasons.map(({ code }) => code),
          path,
        ).toContain('NOT_CHEST')
        expect(study?.instances[0]?.analyses, path).toEqual([])
      }
    })

    test('a stored radiograph is given back byte for byte', async () => {
      const newest = new Map(chest.map((sent) => [sent.sopInstanceUid, sent]))
      for (const { path, studyInstanceUid, sopInstanceUid, bytes } of newest.values()) {
        const found = await (
          await fetch(`${node.url}/dicom-web/studies/${studyInstanceUid}/instances?SOPInstanceUID=${sopInstanceUid}`)
        ).json()
        const series = (found as { '0020000E': { Value: string[] } }[])[0]?.['0020000E'].Value[0]
        const answer = await fetch(
          `${node.url}/dicom-web/studies/${studyInstanceUid}/series/${series}/instances/${sopInstanceUid}`,
          {
            headers: { accept: 'multipart/related; type="application/dicom"; transfer-syntax=*' },
          },
        )
        expect(Buffer.from(await answer.arrayBuffer()).includes(bytes), path).toBe(true)
      }
    })

    // The bytes are made by the same code in both profiles, and each SR takes PixelMed some ten seconds.
    const unjudged = profile.name === 'embedded' ? undefined : 'judged in the embedded profile'
    test.skipIf(unjudged !== undefined || findProgram('dciodvfy') === undefined)(
      `the newest results of every radiograph pass the judges ${unjudged ?? ''}`,
      async () => {
        const folder = await mkdtemp(join(tmpdir(), 'hilum-judged-'))
        const complaints: string[] = []
        for (const study of studies.values()) {
          const image = join(folder, 'image.dcm')
          const source = study.instances.find(({ eligible }) => eligible)
          if (!source) continue
          await writeFile(image, await uncompressed(node, study, source))
          const newest = Math.max(...study.results.map(({ instanceNumber }) => instanceNumber))
          const paths: string[] = []
          for (const { sopInstanceUid, instanceNumber } of study.results) {
            if (instanceNumber !== newest) continue
            paths.push(join(folder, `${sopInstanceUid}.dcm`))
            await writeFile(paths.at(-1) ?? '', await orthanc.file(sopInstanceUid))
          }
          complaints.push(...(await complaintsOfJudges(image, paths)))
        }

        expect(complaints).toEqual([])
      },
      900_000,
    )

    test('no patient attribute is in a log line', () => {
      const attributes = chest.flatMap(({ bytes }) => patientAttributes(bytes))

      expect(attributes.length).toBeGreaterThan(0)
      expect(attributes.filter((attribute) => node.log().includes(attribute))).toEqual([])
    })
  })
})

async function finishedStudy(node: HilumNode, studyInstanceUid: string): Promise<Study> {
  const study = await node.study(studyInstanceUid)
  const isOver = ['REPORTED', 'NOT_ELIGIBLE', 'FAILED'].includes(study.state)
  if (!isOver || study.deliveries.some(({ state }) => state === 'WAITING')) throw new Error(`${study.state} still`)
  return study
}

/** Names and numbers of the patient that are long enough to be told from chance. */
function patientAttributes(bytes: Buffer): string[] {
  const dataset = naturalise(readHeader(bytes).header)
  return ['PatientName', 'PatientID', 'AccessionNumber']
    .flatMap((keyword) => text(dataset, keyword) ?? [])
    .filter((value) => value.length > 4)
}

/** The radiograph as Hilum gives it to a client that takes nothing but explicit little endian. */
async function uncompressed(node: HilumNode, study: Study, instance: Study['instances'][number]): Promise<Buffer> {
  const path = `studies/${study.studyInstanceUid}/series/${instance.seriesInstanceUid}/instances/${instance.sopInstanceUid}`
  const answer = await fetch(`${node.url}/dicom-web/${path}`, {
    headers: { accept: 'multipart/related; type="application/dicom"; transfer-syntax=1.2.840.10008.1.2.1' },
  })
  const body = Buffer.from(await answer.arrayBuffer())
  return body.subarray(body.indexOf('\r\n\r\n') + 4, body.lastIndexOf('\r\n--'))
}
