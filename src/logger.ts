import { pino, type Logger } from 'pino'

/** Structured lines on standard output. UIDs may be logged; no patient attribute is passed to a logger: redaction is the net. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    redact: { paths: ['header', '*.header', 'dataset', '*.dataset', 'req.headers.authorization'], remove: true },
  })
}
