import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export type PeerName = 'orthanc' | 'redis' | 'postgres'

/** Debian's path of the DICOMweb plugin; ORTHANC_DICOMWEB_PLUGIN names another. */
export function dicomWebPlugin(): string {
  return process.env['ORTHANC_DICOMWEB_PLUGIN'] ?? '/usr/share/orthanc/plugins/libOrthancDicomWeb.so'
}

/** Where a program is: on the PATH, or in the places where Debian puts servers. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', ...postgresFolders()]
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** Why tests against this peer cannot run here, or undefined when they can; tests print it beside what they skip. */
export function peerMissing(peer: PeerName): string | undefined {
  switch (peer) {
    case 'orthanc':
      if (findProgram('Orthanc') === undefined) return 'Orthanc is not installed'
      return existsSync(dicomWebPlugin()) ? undefined : 'the DICOMweb plugin of Orthanc is not installed'
    case 'redis':
      return findProgram('redis-server') === undefined ? 'redis-server is not installed' : undefined
    case 'postgres':
      return findProgram('initdb') === undefined ? 'PostgreSQL is not installed' : undefined
  }
}

function postgresFolders(): string[] {
  const root = '/usr/lib/postgresql'
  if (!existsSync(root)) return []
  const newestFirst = readdirSync(root).toSorted((a, b) => Number(b) - Number(a))
  return newestFirst.map((version) => join(root, version, 'bin'))
}
