import type { FileHandle } from 'node:fs/promises'

const WINDOW_BYTES = 64 * 1024

/** A moving view of a file, for readers that go forward in small steps and skip the long values. */
export interface FileWindow {
  readonly sizeBytes: number
  /** Up to `length` bytes at `offset`; fewer where the file ends. Valid until the next call. */
  at(offset: number, length: number): Promise<Buffer>
}

export async function openWindow(file: FileHandle): Promise<FileWindow> {
  const sizeBytes = (await file.stat()).size
  const buffer = Buffer.allocUnsafe(WINDOW_BYTES)
  let start = 0
  let filled = 0
  return {
    sizeBytes,
    async at(offset, length) {
      const wanted = Math.max(0, Math.min(length, sizeBytes - offset))
      if (offset < start || offset + wanted > start + filled) {
        start = offset
        filled = (await file.read(buffer, 0, WINDOW_BYTES, offset)).bytesRead
      }
      return buffer.subarray(offset - start, Math.min(offset - start + wanted, filled))
    },
  }
}
