import { Piscina } from 'piscina'
import { ArchiveUnavailable, NotFound } from '../../errors.ts'
import { workerEntry } from '../infer/worker-entry.ts'
import { fromWorkerFailure } from '../infer/worker-failure.ts'
import type { Finding } from '../localize/finding.ts'
import type { OverlayOptions } from '../report/overlay.ts'
import type { PictureAnswer, PictureTask } from './picture-worker.ts'
import type { RenderOptions } from './rendered-picture.ts'

/**
 * What is made of archived files' pixels, in threads. Each throws UnreadableInstance or UndecodablePixels for what
 * cannot be decoded, NotFound for a frame that is not there, ArchiveUnavailable when the file is not.
 */
export interface Pictures {
  readonly rendered: (path: string, options: RenderOptions) => Promise<Buffer>
  /** A PNG; findings are in image pixels. */
  readonly overlay: (
    path: string,
    findings: readonly Finding[],
    options: Omit<OverlayOptions, 'image'>,
  ) => Promise<Buffer>
  /** One frame without compression, little endian; frames count from 1. */
  readonly nativeFrame: (path: string, frame: number) => Promise<Buffer>
  /** One frame's bit stream as it is stored. */
  readonly storedFrame: (path: string, frame: number) => Promise<Buffer>
  /** The whole file, decompressed. */
  readonly explicitLittleEndian: (path: string) => Promise<Buffer>
  readonly close: () => Promise<void>
}

/** A picture that takes longer is given up and its thread replaced. */
const LIMIT_MS = 60_000
const IDLE_MS = 30_000

export function createPictures(options: { readonly threads: number }): Pictures {
  const pool = new Piscina<PictureTask, PictureAnswer>({
    ...workerEntry(import.meta.url, 'picture-worker'),
    minThreads: 0,
    maxThreads: Math.max(1, options.threads),
    idleTimeout: IDLE_MS,
  })
  const make = async (task: PictureTask): Promise<Buffer> => {
    const answer = await pool.run(task, { signal: AbortSignal.timeout(LIMIT_MS) })
    if ('failure' in answer) throw toError(answer.failure)
    const { buffer, byteOffset, byteLength } = answer.bytes
    return Buffer.from(buffer, byteOffset, byteLength)
  }
  return {
    rendered: (path, render) => make({ kind: 'render', path, options: render }),
    overlay: (path, findings, overlay) => make({ kind: 'overlay', path, findings, options: overlay }),
    nativeFrame: (path, frame) => make({ kind: 'native-frame', path, frame }),
    storedFrame: (path, frame) => make({ kind: 'stored-frame', path, frame }),
    explicitLittleEndian: (path) => make({ kind: 'explicit-little-endian', path }),
    close: () => pool.close(),
  }
}

function toError(failure: { readonly code: string; readonly message: string }): Error {
  if (failure.code === 'NOT_FOUND') return new NotFound(failure.message)
  if (failure.code === 'ARCHIVE_UNAVAILABLE') return new ArchiveUnavailable(failure.message)
  return fromWorkerFailure(failure)
}
