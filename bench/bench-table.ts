import { cpus, totalmem } from 'node:os'

/** What one bench module gives: a table of raw numbers and ratios, and what a reader must know beside it. */
export interface BenchTable {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly notes?: readonly string[]
}

/** Each file of bench/ that measures exports `bench` of this type. */
export interface BenchModule {
  readonly bench: () => Promise<BenchTable>
}

export function toMarkdown({ title, columns, rows, notes }: BenchTable): string {
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const rule = row(columns.map(() => '---'))
  return [
    `**${title}**`,
    '',
    row(columns),
    rule,
    ...rows.map(row),
    ...(notes ?? []).flatMap((note) => ['', note]),
  ].join('\n')
}

/** The machine in a line: figures mean nothing without it. */
export function machine(): string {
  const processors = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${processors.length} cores (${processors[0]?.model.trim() ?? 'unknown'}), ${memory} GiB, Node ${process.versions.node}, ${process.platform} ${process.arch}`
}

const BEGIN = '<!-- bench:begin -->'
const END = '<!-- bench:end -->'

/** The text with what stands between the markers replaced; unchanged when it has no markers. */
export function betweenMarkers(text: string, content: string): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (begin < 0 || end < begin) return text
  return `${text.slice(0, begin + BEGIN.length)}\n\n${content}\n\n${text.slice(end)}`
}

/** The value that a share of the sample does not exceed (nearest rank). */
export function quantile(sample: readonly number[], share: number): number {
  const sorted = sample.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
