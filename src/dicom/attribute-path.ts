import { dictionaryRow, tagOf } from './dictionary.ts'

/** One tag (eight upper-case hexadecimal digits), or several that lead through sequences to an attribute. */
export type AttributePath = readonly [string, ...string[]]

/** An attribute as a query names it: keyword or tag, a dot between the levels (PS3.18 8.3.4.1); undefined when PS3.6 knows no such keyword. */
export function readAttributePath(name: string): AttributePath | undefined {
  const [first, ...rest] = name.split('.').map(toTag)
  const known = rest.filter((tag) => tag !== undefined)
  return first === undefined || known.length < rest.length ? undefined : [first, ...known]
}

/** The VR of the attribute at the end of the path; UN for private ones. */
export const vrOfPath = (path: AttributePath): string => dictionaryRow(path.at(-1) ?? '')?.vr ?? 'UN'

const toTag = (name: string): string | undefined => (/^[0-9a-f]{8}$/i.test(name) ? name.toUpperCase() : tagOf(name))
