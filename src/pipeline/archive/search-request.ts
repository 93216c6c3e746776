import type { AttributePath } from '../../dicom/attribute-path.ts'
import { readAttributePath, vrOfPath } from '../../dicom/attribute-path.ts'
import type { Matching } from '../../dicom/matching.ts'
import { readMatching } from '../../dicom/matching.ts'
import { BadRequest } from '../../errors.ts'

export interface AttributeMatch {
  readonly path: AttributePath
  readonly vr: string
  readonly matching: Matching
}

/** A QIDO-RS query (PS3.18 8.3.4), read and checked. */
export interface SearchRequest {
  readonly matches: readonly AttributeMatch[]
  /** Tags that are asked for beyond the usual ones: those of `includefield` and those that were matched. */
  readonly include: 'all' | readonly string[]
  readonly limit: number
  readonly offset: number
  /** Sentences for Warning headers: what was asked for and is not done. */
  readonly warnings: readonly string[]
}

export const MAXIMUM_RESULTS = 1000

/** Answered, but not held: no query can match them. */
const COMPUTED = new Set([
  '00080056',
  '00081190',
  '00201200',
  '00201202',
  '00201204',
  '00201206',
  '00201208',
  '00201209',
])
/** Parameters that are read elsewhere, or say nothing to us. */
const OTHER = new Set([
  'limit',
  'offset',
  'includefield',
  'fuzzymatching',
  'emptyvaluematching',
  'multiplevaluematching',
  'accept',
])

/** Throws BadRequest when a value cannot be understood; parameters that are not known are ignored with a warning. */
export function readSearchRequest(query: Readonly<Record<string, unknown>>): SearchRequest {
  const warnings: string[] = []
  if (valuesOf(query, 'fuzzymatching').includes('true'))
    warnings.push('The fuzzymatching parameter is not supported. Only literal matching has been performed.')
  const matches: AttributeMatch[] = []
  for (const name of Object.keys(query).filter((it) => !OTHER.has(it))) {
    const path = readAttributePath(name)
    if (path === undefined || COMPUTED.has(path[0])) {
      warnings.push(`The parameter ${name.replaceAll(/[^\w.]/g, '?').slice(0, 64)} is not supported and was ignored.`)
      continue
    }
    const vr = vrOfPath(path)
    const values = valuesOf(query, name)
    if (values.length > 1 && vr !== 'UI' && vr !== 'CS')
      throw new BadRequest(`The attribute ${path.join('.')} is matched twice`)
    matches.push({ path, vr, matching: readMatching(vr, values.join('\\')) })
  }
  return {
    matches,
    include: readInclude(valuesOf(query, 'includefield'), matches),
    limit: Math.min(readCount(query, 'limit') ?? MAXIMUM_RESULTS, MAXIMUM_RESULTS),
    offset: readCount(query, 'offset') ?? 0,
    warnings,
  }
}

function readInclude(fields: readonly string[], matches: readonly AttributeMatch[]): SearchRequest['include'] {
  const names = fields.flatMap((field) => field.split(',')).map((name) => name.trim())
  if (names.includes('all')) return 'all'
  const asked = names.flatMap((name) => readAttributePath(name)?.[0] ?? [])
  return [...new Set([...asked, ...matches.map(({ path }) => path[0])])]
}

function readCount(query: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const [text] = valuesOf(query, name)
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) throw new BadRequest(`${name} must be a whole number, 0 or more`)
  return Number(text)
}

function valuesOf(query: Readonly<Record<string, unknown>>, name: string): readonly string[] {
  const value = query[name]
  return (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String)
}
