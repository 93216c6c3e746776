export interface Turns {
  /** Runs the work when it is its turn; a signal that aborts before that ends the waiting. */
  run<Value>(work: () => Promise<Value>, signal?: AbortSignal): Promise<Value>
}

/** At most `count` at a time, first come, first served. */
export function createTurns(count: number): Turns {
  const waiting: (() => void)[] = []
  let free = count
  const release = () => {
    const next = waiting.shift()
    if (next === undefined) free++
    else next()
  }
  const turn = (signal: AbortSignal | undefined): Promise<void> => {
    if (free > 0) {
      free--
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        waiting.splice(waiting.indexOf(enter), 1)
        reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted while waiting'))
      }
      const enter = () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      waiting.push(enter)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }
  return {
    run: async (work, signal) => {
      signal?.throwIfAborted()
      await turn(signal)
      try {
        return await work()
      } finally {
        release()
      }
    },
  }
}
