import { ModelUnusable, type ServiceError, UndecodablePixels, UnreadableInstance } from '../../errors.ts'

/** An error as it crosses a thread border, where classes are lost. */
export interface WorkerFailure {
  readonly code: string
  readonly message: string
}

const CLASSES: Readonly<Record<string, new (message: string) => ServiceError>> = {
  UNREADABLE_INSTANCE: UnreadableInstance,
  UNDECODABLE_PIXELS: UndecodablePixels,
  MODEL_UNUSABLE: ModelUnusable,
}

/** Null for what is no foreseen failure: that is thrown on, and stays a bug. */
export function toWorkerFailure(error: unknown): WorkerFailure | null {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  return error instanceof Error && typeof code === 'string' && code in CLASSES ? { code, message: error.message } : null
}

export function fromWorkerFailure({ code, message }: WorkerFailure): Error {
  const Class = CLASSES[code]
  return Class === undefined ? new Error(message) : new Class(message)
}
