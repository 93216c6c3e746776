import { DrizzleQueryError } from 'drizzle-orm'

/** An error as a log line shows it. */
export interface LoggedError {
  readonly type: string
  readonly message: string
  readonly code?: string | number
  /** The places in the code, without the message that a stack begins with. */
  readonly stack: string
  readonly cause?: unknown
}

/**
 * What of an error may be logged. One of the database has the parameters of its query in its message, stack and
 * fields, headers of instances among them: so no other field is told than these, and of a query not even the message.
 */
export function toLoggedError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const code: unknown = 'code' in error ? error.code : undefined
  return {
    type: error.constructor.name,
    message: error instanceof DrizzleQueryError ? 'a query failed' : error.message,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    stack: (error.stack ?? '')
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .join('\n'),
    ...(error.cause !== undefined && error.cause !== error && { cause: toLoggedError(error.cause) }),
  } satisfies LoggedError
}
