import type { Logger } from 'pino'

/** What was opened, closed in reverse; one that fails does not keep the others open. */
export interface Closing {
  /** Registers how `resource` is closed, and gives it back. */
  own<T>(resource: T, close: (resource: T) => Promise<unknown>): T
  closeAll(): Promise<void>
}

export function createClosing(log: Logger): Closing {
  const closers: (() => Promise<unknown>)[] = []
  return {
    own(resource, close) {
      closers.unshift(() => close(resource))
      return resource
    },
    async closeAll() {
      for (const close of closers.splice(0)) await close().catch((err: unknown) => log.error({ err }, 'close failed'))
    },
  }
}
