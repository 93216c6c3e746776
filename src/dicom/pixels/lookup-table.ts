/** A Modality or VOI LUT whose descriptor has been checked against its data (PS3.3 C.11.1.1, C.11.2.1.1). */
export interface LookupTable {
  readonly firstMapped: number
  /** Never empty; as many entries as the data really hold. */
  readonly entries: Uint16Array
  /** 8 to 16. */
  readonly bits: number
}

/** Values outside the table take its first or last entry. */
export function lookUp(table: LookupTable, value: number): number {
  const index = Math.round(value) - table.firstMapped
  const { entries } = table
  return entries[index < 0 ? 0 : index >= entries.length ? entries.length - 1 : index] ?? 0
}

/**
 * A table from a descriptor that may lie: fewer data than entries shorten it, an impossible number of
 * bits becomes what the largest entry needs. Without data there is no table.
 */
export function toLookupTable(descriptor: readonly number[], data: Uint16Array | Uint8Array): LookupTable | null {
  const declared = descriptor[0] === 0 ? 65_536 : (descriptor[0] ?? 0)
  const length = Math.min(declared, data.length)
  if (length === 0) return null
  const entries = Uint16Array.from(data.subarray(0, length))
  let largest = 0
  for (const entry of entries) largest = Math.max(largest, entry)
  const needed = Math.max(8, 32 - Math.clz32(largest))
  const bits = descriptor[2] ?? 0
  return { firstMapped: descriptor[1] ?? 0, entries, bits: bits >= needed && bits <= 16 ? bits : needed }
}
