import { Ajv, type ErrorObject } from 'ajv'
import { ModelUnusable } from '../../errors.ts'
import { type Head, type Manifest, ManifestSchema } from './manifest.ts'

const validate = new Ajv({ allErrors: true, strict: false }).compile<Manifest>(ManifestSchema)

/** @throws ModelUnusable that names the field. */
export function readManifest(json: string): Manifest {
  const value = parse(json)
  if (!validate(value)) throw new ModelUnusable(`manifest.json: ${explain(validate.errors ?? [])}`)
  checkInput(value)
  for (const [index, head] of value.outputs.entries()) checkHead(value, head, `outputs/${index}`)
  return value
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (cause) {
    throw new ModelUnusable('manifest.json is no JSON', { cause })
  }
}

/** Of a union's alternatives only those count whose `kind` fits; then the deepest error says most. */
function explain(errors: readonly ErrorObject[]): string {
  const otherKinds = errors
    .filter(({ keyword, instancePath }) => keyword === 'const' && instancePath.endsWith('/kind'))
    .map(({ schemaPath }) => schemaPath.replace(/properties\/kind\/const$/, ''))
  const inFittingKind = errors.filter(({ schemaPath }) => !otherKinds.some((prefix) => schemaPath.startsWith(prefix)))
  const ranked = (inFittingKind.length > 0 ? inFittingKind : errors).toSorted(
    (a, b) =>
      Number(a.keyword === 'anyOf') - Number(b.keyword === 'anyOf') || b.instancePath.length - a.instancePath.length,
  )
  const [first] = ranked
  if (first === undefined) return 'does not match its schema'
  const field = first.instancePath.slice(1) || 'the whole'
  const extra = first.keyword === 'additionalProperties' ? ` (${String(first.params['additionalProperty'])})` : ''
  return `${field} ${first.message ?? 'is wrong'}${extra}`
}

function checkInput({ input }: Manifest): void {
  for (const field of ['mean', 'deviation'] as const) {
    if (input[field].length !== input.channels) {
      throw new ModelUnusable(
        `manifest.json: input/${field} has ${input[field].length} values for ${input.channels} channels`,
      )
    }
  }
  const { intensity } = input
  if (intensity.kind === 'percentile' && intensity.low >= intensity.high) {
    throw new ModelUnusable('manifest.json: input/intensity/low is not below high')
  }
}

function checkHead(manifest: Manifest, head: Head, field: string): void {
  for (const label of head.labels) {
    if (!manifest.findings.some((finding) => finding.label === label)) {
      throw new ModelUnusable(`manifest.json: ${field}/labels: no entry of findings gives '${label}' a code`)
    }
  }
  if (head.kind !== 'classification') return
  if (head.operatingPoints[head.defaultOperatingPoint] === undefined) {
    throw new ModelUnusable(`manifest.json: ${field}/defaultOperatingPoint names none of operatingPoints`)
  }
  for (const [name, thresholds] of Object.entries(head.operatingPoints)) {
    if (thresholds.length !== head.labels.length) {
      throw new ModelUnusable(
        `manifest.json: ${field}/operatingPoints/${name} has ${thresholds.length} values for ${head.labels.length} labels`,
      )
    }
  }
}
