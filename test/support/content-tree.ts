import type { DicomJson } from '../../src/dicom/dataset.ts'
import { readHeader } from '../../src/dicom/part10-header.ts'

/** A content item of an SR as a test looks at it. */
export interface TreeItem {
  readonly type: string
  readonly relationship: string
  /** Code meaning of the concept name. */
  readonly name: string
  /** Meaning of a CODE, text, UID, or number of a NUM. */
  readonly value: string
  readonly graphic: readonly number[]
  readonly children: readonly TreeItem[]
  readonly raw: DicomJson
}

export function first(dataset: DicomJson | undefined, tag: string): string {
  const value = dataset?.[tag]?.Value?.[0]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

export function itemsOf(dataset: DicomJson | undefined, tag: string): readonly DicomJson[] {
  return (dataset?.[tag]?.Value ?? []) as readonly DicomJson[]
}

export function toTree(raw: DicomJson): TreeItem {
  const measured = itemsOf(raw, '0040A300')[0]
  return {
    type: first(raw, '0040A040'),
    relationship: first(raw, '0040A010'),
    name: first(itemsOf(raw, '0040A043')[0], '00080104'),
    value:
      first(itemsOf(raw, '0040A168')[0], '00080104') ||
      first(raw, '0040A160') ||
      first(raw, '0040A124') ||
      first(measured, '0040A30A'),
    graphic: (raw['00700022']?.Value ?? []).map(Number),
    children: itemsOf(raw, '0040A730').map(toTree),
    raw,
  }
}

export const readTree = (bytes: Uint8Array): TreeItem => toTree(readHeader(bytes).header)

/** The item and all below it, depth first. */
export function flatten(item: TreeItem): readonly TreeItem[] {
  return [item, ...item.children.flatMap(flatten)]
}

export const named = (item: TreeItem, name: string): readonly TreeItem[] =>
  flatten(item).filter((one) => one.name === name)
