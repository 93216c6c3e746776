import type { Dataset } from './dataset.ts'

const listOf = (value: unknown): readonly unknown[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]

/** All values as text, empty ones left out; a person name as `alphabetic=ideographic=phonetic` (PS3.5 6.2.1). */
export function texts(dataset: Dataset, keyword: string): readonly string[] {
  return listOf(dataset[keyword])
    .map(asText)
    .filter((value) => value !== '')
}

export const text = (dataset: Dataset, keyword: string): string | undefined => texts(dataset, keyword)[0]

/** All values that are finite numbers. */
export function numbers(dataset: Dataset, keyword: string): readonly number[] {
  return listOf(dataset[keyword])
    .filter((value) => value !== null && value !== '')
    .map(Number)
    .filter((value) => Number.isFinite(value))
}

export const number = (dataset: Dataset, keyword: string): number | undefined => numbers(dataset, keyword)[0]

/** The items of a sequence; none where it is missing or empty. */
export const items = (dataset: Dataset, keyword: string): readonly Dataset[] =>
  listOf(dataset[keyword]).filter((value): value is Dataset => typeof value === 'object' && value !== null)

function asText(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'object' || value === null) return ''
  const name = value as Dataset
  const groups = ['Alphabetic', 'Ideographic', 'Phonetic'].map((group) =>
    typeof name[group] === 'string' ? name[group] : '',
  )
  return groups.join('=').replace(/=+$/, '')
}
