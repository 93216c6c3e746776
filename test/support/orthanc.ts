import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { freePort } from './free-port.ts'
import { dicomWebPlugin, findProgram } from './peer-missing.ts'
import { startServerProcess } from './server-process.ts'

export interface OrthancOptions {
  /** Modalities that this PACS turns away on arrival, as sites do by a filter. */
  readonly refusedModalities?: readonly string[]
  /** A port of before, to bring a PACS back where it was. */
  readonly httpPort?: number
}

export interface Orthanc {
  /** e.g. http://127.0.0.1:41234/ (Orthanc's own REST API) */
  readonly url: URL
  readonly dicomWebUrl: URL
  readonly stowUrl: URL
  readonly httpPort: number
  readonly dicomPort: number
  /** The SOP Instance UIDs of everything that it holds, sorted. */
  sopInstanceUids(): Promise<string[]>
  /** The bytes of one instance as Orthanc keeps them; throws when it has none. */
  file(sopInstanceUid: string): Promise<Buffer>
  clear(): Promise<void>
  close(): Promise<void>
}

/** A real Orthanc with its DICOMweb plugin on free loopback ports, its data in a temporary folder. */
export async function startOrthanc(options: OrthancOptions = {}): Promise<Orthanc> {
  const folder = await mkdtemp(join(tmpdir(), 'hilum-orthanc-'))
  const httpPort = options.httpPort ?? (await freePort())
  const dicomPort = await freePort()
  const url = new URL(`http://127.0.0.1:${httpPort}/`)
  await writeFile(join(folder, 'filter.lua'), filterScript(options.refusedModalities ?? []))
  await writeFile(join(folder, 'orthanc.json'), JSON.stringify(configuration(folder, httpPort, dicomPort)))
  const server = await startServerProcess({
    command: findProgram('Orthanc') ?? 'Orthanc',
    args: [join(folder, 'orthanc.json')],
    cwd: folder,
    isReady: async () => (await fetch(new URL('system', url))).ok,
  })
  const instances = async () => (await fetch(new URL('instances?expand', url))).json() as Promise<OrthancInstance[]>
  return {
    url,
    dicomWebUrl: new URL('dicom-web/', url),
    stowUrl: new URL('dicom-web/studies', url),
    httpPort,
    dicomPort,
    sopInstanceUids: async () => (await instances()).map((it) => it.MainDicomTags.SOPInstanceUID).toSorted(),
    file: async (sopInstanceUid) => {
      const found = (await instances()).find((it) => it.MainDicomTags.SOPInstanceUID === sopInstanceUid)
      if (found === undefined) throw new Error(`Orthanc holds no instance ${sopInstanceUid}`)
      return Buffer.from(await (await fetch(new URL(`instances/${found.ID}/file`, url))).arrayBuffer())
    },
    clear: async () => {
      for (const { ID } of await instances()) await fetch(new URL(`instances/${ID}`, url), { method: 'DELETE' })
    },
    close: async () => {
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Runs `use` beside a PACS of its own and closes that whatever happens. */
export async function withOrthanc<T>(use: (orthanc: Orthanc) => Promise<T>, options: OrthancOptions = {}): Promise<T> {
  const orthanc = await startOrthanc(options)
  try {
    return await use(orthanc)
  } finally {
    await orthanc.close()
  }
}

interface OrthancInstance {
  readonly ID: string
  readonly MainDicomTags: { readonly SOPInstanceUID: string }
}

function configuration(folder: string, httpPort: number, dicomPort: number): object {
  return {
    Name: 'HILUM_TEST',
    StorageDirectory: join(folder, 'storage'),
    IndexDirectory: join(folder, 'storage'),
    HttpPort: httpPort,
    DicomPort: dicomPort,
    DicomAet: 'ORTHANC',
    DicomAlwaysAllowStore: true,
    DicomAlwaysAllowEcho: true,
    RemoteAccessAllowed: false,
    AuthenticationEnabled: false,
    OverwriteInstances: false,
    Plugins: [dicomWebPlugin()],
    LuaScripts: [join(folder, 'filter.lua')],
    DicomWeb: { Enable: true, Root: '/dicom-web/', EnableWado: false },
  }
}

function filterScript(refused: readonly string[]): string {
  const tests = refused.map((modality) => `if dicom.Modality == '${modality}' then return false end`)
  return `function ReceivedInstanceFilter(dicom, origin)\n${tests.join('\n')}\nreturn true\nend\n`
}
