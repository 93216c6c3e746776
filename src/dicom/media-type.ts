/** A media type and its parameters (RFC 9110 8.3): type and names in lower case, quotes taken off. */
export interface MediaType {
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
}

const PARAMETER = /;\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]*))/g

export function readMediaType(value: string): MediaType {
  const [type = ''] = value.split(';', 1)
  const parameters = new Map<string, string>()
  for (const [, name = '', quoted, plain] of value.slice(type.length).matchAll(PARAMETER)) {
    parameters.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain?.trim() ?? '')
  }
  return { type: type.trim().toLowerCase(), parameters }
}
