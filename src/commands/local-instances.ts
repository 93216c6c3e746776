import { existsSync } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { readHeader } from '../dicom/part10-header.ts'
import { UnreadableInstance } from '../errors.ts'
import type { OutgoingFile } from '../pipeline/send/stow-client.ts'

export interface LocalInstance extends OutgoingFile {
  readonly studyInstanceUid: string
}

export interface LocalFiles {
  readonly instances: readonly LocalInstance[]
  /** Files that were named or lie in a named folder and are no DICOM instances that can be read. */
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[]
}

// The head of a file holds its identifiers; LUTs and private elements may stand before the pixels.
const HEADER_BYTES = 4 * 1024 * 1024

/** Finds the instances in files and folders (with what lies below), in the order of their names. */
export async function findInstances(paths: readonly string[]): Promise<LocalFiles> {
  const instances: LocalInstance[] = []
  const unreadable: { path: string; reason: string }[] = []
  for (const named of paths) {
    if (!existsSync(named)) unreadable.push({ path: named, reason: 'there is no such file or folder' })
  }
  for (const path of (await Promise.all(paths.filter((path) => existsSync(path)).map(filesBelow))).flat()) {
    try {
      instances.push(await readInstance(path))
    } catch (error) {
      if (!(error instanceof UnreadableInstance)) throw error
      unreadable.push({ path, reason: error.message })
    }
  }
  return { instances, unreadable }
}

/** The instances by study, in the order of first appearance. */
export function byStudy(instances: readonly LocalInstance[]): ReadonlyMap<string, readonly LocalInstance[]> {
  const studies = new Map<string, LocalInstance[]>()
  for (const instance of instances) {
    const study = studies.get(instance.studyInstanceUid) ?? []
    studies.set(instance.studyInstanceUid, [...study, instance])
  }
  return studies
}

async function filesBelow(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const names = (await readdir(path)).filter((name) => !name.startsWith('.') && !name.endsWith('.md'))
  return (await Promise.all(names.toSorted().map((name) => filesBelow(join(path, name))))).flat()
}

async function readInstance(path: string): Promise<LocalInstance> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const prefix = Buffer.alloc(Math.min(size, HEADER_BYTES))
    await file.read(prefix, 0, prefix.length, 0)
    const { studyInstanceUid, sopInstanceUid, sopClassUid } = readHeader(prefix)
    return { path, sizeBytes: size, studyInstanceUid, sopInstanceUid, sopClassUid }
  } finally {
    await file.close()
  }
}
