import { pino, type DestinationStream, type Logger } from 'pino'
import { toLoggedError } from './logged-error.ts'

/** Structured lines on standard output. UIDs may be logged; no patient attribute is passed to a logger: redaction is the net. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    serializers: { err: toLoggedError },
    redact: { paths: ['header', '*.header', 'dataset', '*.dataset', 'req.headers.authorization'], remove: true },
  }
  return destination ? pino(options, destination) : pino(options)
}
