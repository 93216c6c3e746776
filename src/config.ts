import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Errors, Convert, Default } from 'typebox/value'
import { parse } from 'yaml'
import { Settings } from './config-schema.ts'
import type { Destination } from './pipeline/send/destination.ts'

/** A setting that stops the start: its name and the reason. */
export class ConfigError extends Error {}

export type Profile =
  | { readonly kind: 'embedded' }
  | { readonly kind: 'cluster'; readonly databaseUrl: string; readonly redisUrl: string; readonly redisPrefix: string }

export interface Config {
  readonly profile: Profile
  readonly dataDirectory: string
  readonly http: {
    readonly host: string
    readonly port: number
    /** Of the DICOMweb root. */
    readonly publicUrl: URL | undefined
    readonly token: string | undefined
  }
  readonly limits: {
    readonly bodyBytes: number
    readonly instanceBytes: number
    readonly headerBytes: number
    readonly parts: number
    readonly partHeaderBytes: number
  }
  readonly assemble: { readonly studyQuietMs: number; readonly studyMaxWaitMs: number }
  readonly dispatch: { readonly sweepIntervalMs: number }
  readonly infer: {
    readonly modelsDirectory: string
    readonly models: readonly string[]
    readonly provider: Settings['EXECUTION_PROVIDER']
    readonly fallbackProvider: 'cpu' | undefined
    readonly threads: number
    readonly leaseMs: number
    readonly maximumAttempts: number
  }
  readonly report: { readonly srSopClass: Settings['SR_SOP_CLASS'] }
  readonly send: { readonly destinations: readonly Destination[]; readonly retryForMs: number }
  readonly logLevel: Settings['LOG_LEVEL']
  readonly shutdownMs: number
}

/** Where `models/` lies beside the sources or the built files. */
const PACKAGE_ROOT = dirname(fileURLToPath(new URL('../package.json', import.meta.url)))

/**
 * Reads the environment, and the YAML file that CONFIG_FILE names under it, once at the top of an entry; the
 * environment wins. Throws ConfigError with the name of what is wrong and the reason.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  return toConfig(readSettings(env))
}

function readSettings(env: NodeJS.ProcessEnv): Settings {
  const fromFile = env['CONFIG_FILE'] ? readYaml(env['CONFIG_FILE']) : {}
  const names = Object.keys(Settings.properties)
  const unknown = Object.keys(fromFile).find((name) => !names.includes(name))
  if (unknown !== undefined) throw new ConfigError(`${unknown}: no such setting (in CONFIG_FILE)`)
  const given = Object.fromEntries(
    names.flatMap((name) => (name in env ? [[name, env[name]]] : name in fromFile ? [[name, fromFile[name]]] : [])),
  )
  const settings = Convert(Settings, Default(Settings, given))
  const [error] = Errors(Settings, settings)
  if (error)
    throw new ConfigError(`${error.instancePath.slice(1).split('/')[0]}: ${error.message}${allowed(error.params)}`)
  return settings as Settings
}

/** What an enumeration takes, when it is one. */
function allowed(params: object): string {
  const values: unknown = 'allowedValues' in params ? params.allowedValues : undefined
  return Array.isArray(values) ? ` (${values.map((value) => `"${String(value)}"`).join(', ')})` : ''
}

function readYaml(path: string): Record<string, unknown> {
  try {
    const value: unknown = parse(readFileSync(path, 'utf8'))
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Error('it is not a list of names and values')
    return value as Record<string, unknown>
  } catch (cause) {
    throw new ConfigError(`CONFIG_FILE: ${cause instanceof Error ? cause.message : 'unreadable'}`, { cause })
  }
}

function toConfig(s: Settings): Config {
  const token = s.AUTH_TOKEN_FILE === '' ? undefined : readSecret('AUTH_TOKEN_FILE', s.AUTH_TOKEN_FILE)
  if (token === undefined && !isLoopback(s.HTTP_HOST))
    throw new ConfigError(`AUTH_TOKEN_FILE: needed, because HTTP_HOST ${s.HTTP_HOST} is not loopback`)
  return {
    profile: profileOf(s),
    dataDirectory: resolve(s.DATA_DIR),
    http: {
      host: s.HTTP_HOST,
      port: s.HTTP_PORT,
      publicUrl:
        s.PUBLIC_URL === '' ? undefined : new URL('dicom-web', toUrl('PUBLIC_URL', s.PUBLIC_URL.replace(/\/*$/, '/'))),
      token,
    },
    limits: {
      bodyBytes: s.BODY_LIMIT_BYTES,
      instanceBytes: s.INSTANCE_LIMIT_BYTES,
      headerBytes: s.HEADER_LIMIT_BYTES,
      parts: s.PART_LIMIT,
      partHeaderBytes: s.PART_HEADER_LIMIT_BYTES,
    },
    assemble: { studyQuietMs: s.STUDY_QUIET_MS, studyMaxWaitMs: s.STUDY_MAX_WAIT_MS },
    dispatch: { sweepIntervalMs: s.SWEEP_INTERVAL_MS },
    infer: {
      modelsDirectory: s.MODELS_DIR === '' ? resolve(PACKAGE_ROOT, 'models') : resolve(s.MODELS_DIR),
      models: s.MODELS.split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
      provider: s.EXECUTION_PROVIDER,
      fallbackProvider: s.EXECUTION_PROVIDER_FALLBACK === '' ? undefined : s.EXECUTION_PROVIDER_FALLBACK,
      threads: s.INFER_THREADS === 0 ? availableParallelism() : s.INFER_THREADS,
      leaseMs: s.ANALYSIS_LEASE_MS,
      maximumAttempts: s.ANALYSIS_ATTEMPTS,
    },
    report: { srSopClass: s.SR_SOP_CLASS },
    send: { destinations: destinationsOf(s), retryForMs: s.PACS_RETRY_HOURS * 3_600_000 },
    logLevel: s.LOG_LEVEL,
    shutdownMs: s.SHUTDOWN_MS,
  }
}

function profileOf(s: Settings): Profile {
  if (s.DATABASE_URL === '' && s.REDIS_URL === '') return { kind: 'embedded' }
  if (s.DATABASE_URL === '') throw new ConfigError('DATABASE_URL: needed beside REDIS_URL (cluster profile)')
  if (s.REDIS_URL === '') throw new ConfigError('REDIS_URL: needed beside DATABASE_URL (cluster profile)')
  return { kind: 'cluster', databaseUrl: s.DATABASE_URL, redisUrl: s.REDIS_URL, redisPrefix: s.REDIS_PREFIX }
}

function destinationsOf(s: Settings): readonly Destination[] {
  if (s.PACS_STOW_URL === '') return []
  const headers =
    s.PACS_AUTHORIZATION_FILE === ''
      ? undefined
      : { authorization: readSecret('PACS_AUTHORIZATION_FILE', s.PACS_AUTHORIZATION_FILE) }
  return [{ name: s.PACS_NAME, stowUrl: toUrl('PACS_STOW_URL', s.PACS_STOW_URL), ...(headers && { headers }) }]
}

function toUrl(name: string, text: string): URL {
  try {
    return new URL(text)
  } catch (cause) {
    throw new ConfigError(`${name}: it is no URL`, { cause })
  }
}

function readSecret(name: string, path: string): string {
  try {
    const secret = readFileSync(path, 'utf8').trim()
    if (secret === '') throw new Error('the file is empty')
    return secret
  } catch (cause) {
    throw new ConfigError(`${name}: ${cause instanceof Error ? cause.message : 'unreadable'}`, { cause })
  }
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host)
