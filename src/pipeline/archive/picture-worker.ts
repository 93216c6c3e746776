import { readFile } from 'node:fs/promises'
import { decompressedFile, nativeFrameBytes, storedFrameBytes } from '../../dicom/frame-bytes.ts'
import { ArchiveUnavailable, NotFound } from '../../errors.ts'
import type { Finding } from '../localize/finding.ts'
import type { OverlayOptions } from '../report/overlay.ts'
import { drawOverlay } from '../report/overlay.ts'
import type { RenderOptions } from './rendered-picture.ts'
import { grayPicture, renderPicture } from './rendered-picture.ts'
import type { WorkerFailure } from '../infer/worker-failure.ts'
import { toWorkerFailure } from '../infer/worker-failure.ts'

export type PictureTask =
  | { readonly kind: 'render'; readonly path: string; readonly options: RenderOptions }
  | {
      readonly kind: 'overlay'
      readonly path: string
      readonly findings: readonly Finding[]
      readonly options: OverlayOptions
    }
  | { readonly kind: 'native-frame' | 'stored-frame'; readonly path: string; readonly frame: number }
  | { readonly kind: 'explicit-little-endian'; readonly path: string }

export type PictureAnswer = { readonly bytes: Uint8Array } | { readonly failure: WorkerFailure }

/** What a thread of the picture pool does. */
export default async function work(task: PictureTask): Promise<PictureAnswer> {
  try {
    return { bytes: await make(task, await readFile(task.path)) }
  } catch (error) {
    const failure = toFailure(error)
    if (failure === null) throw error
    return { failure }
  }
}

async function make(task: PictureTask, file: Buffer): Promise<Uint8Array> {
  switch (task.kind) {
    case 'render':
      return renderPicture(file, task.options)
    case 'overlay': {
      const { picture, image } = await grayPicture(file, task.options.maximumSize)
      return drawOverlay(picture, task.findings, { ...task.options, image })
    }
    case 'native-frame':
      return nativeFrameBytes(file, task.frame)
    case 'stored-frame':
      return storedFrameBytes(file, task.frame)
    case 'explicit-little-endian':
      return decompressedFile(file)
  }
}

function toFailure(error: unknown): WorkerFailure | null {
  if (error instanceof NotFound || error instanceof ArchiveUnavailable)
    return { code: error.code, message: error.message }
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
    return { code: 'ARCHIVE_UNAVAILABLE', message: 'The file of the instance is not in the archive' }
  return toWorkerFailure(error)
}
