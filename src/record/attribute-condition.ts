import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { AttributePath } from '../dicom/attribute-path.ts'
import type { Matching } from '../dicom/matching.ts'

/** Whether the DICOM JSON of `json` has a value that matches (PS3.4 C.2.2.2); several values match when one does. */
export function attributeCondition(json: SQL, path: AttributePath, vr: string, matching: Matching): SQL {
  if (matching.kind === 'any') return sql`true`
  if (matching.kind === 'empty') return sql`not ${someValue(json, path, (value) => sql`${value} <> 'null'::jsonb`)}`
  return someValue(json, path, (value) =>
    vr === 'PN'
      ? sql`(${nameCondition(value, 'Alphabetic', matching)} or ${nameCondition(value, 'Ideographic', matching)} or ${nameCondition(value, 'Phonetic', matching)})`
      : textCondition(sql`${value} #>> '{}'`, matching),
  )
}

function someValue(json: SQL, [tag, next, ...rest]: AttributePath, condition: (value: SQL) => SQL, depth = 0): SQL {
  const row = sql.raw(`value_${depth}`)
  const value = sql`${row}.value`
  const inner = next === undefined ? condition(value) : someValue(value, [next, ...rest], condition, depth + 1)
  const values = sql`coalesce(${json} -> ${tag}::text -> 'Value', '[]'::jsonb)`
  return sql`exists (select 1 from jsonb_array_elements(${values}) as ${row}(value) where ${inner})`
}

/** Names match without regard to case and to empty components at their end (PS3.4 C.2.2.2.1, PS3.5 6.2.1.1). */
function nameCondition(value: SQL, group: string, matching: Matching): SQL {
  const name = sql`lower(rtrim(${value} ->> ${group}::text, '^ '))`
  if (matching.kind === 'wildcard') return textCondition(name, { ...matching, pattern: matching.pattern.toLowerCase() })
  if (matching.kind !== 'one-of') return sql`false`
  return textCondition(name, {
    kind: 'one-of',
    values: matching.values.map((it) => it.toLowerCase().replace(/[\^ ]+$/, '')),
  })
}

function textCondition(text: SQL, matching: Matching): SQL {
  switch (matching.kind) {
    case 'any':
      return sql`true`
    case 'empty':
      return sql`${text} is null`
    case 'one-of':
      return sql`${text} in (${sql.join(
        matching.values.map((value) => sql`${value}::text`),
        sql`, `,
      )})`
    case 'wildcard':
      return sql`${text} like ${toLikePattern(matching.pattern)}::text`
    case 'range':
      return rangeCondition(text, matching)
  }
}

function rangeCondition(text: SQL, { digits, low, high }: Extract<Matching, { kind: 'range' }>): SQL {
  // A zone's offset goes first: what is left is digits, of one length, that sort as the times do.
  const bare = sql`rpad(translate(regexp_replace(${text}, '[+-][0-9]{4}$', ''), '.: ', ''), ${digits}::int, '0')`
  const from = low === undefined ? sql`true` : sql`${bare} >= ${low}::text`
  const to = high === undefined ? sql`true` : sql`${bare} <= ${high}::text`
  return sql`(${from} and ${to})`
}

const toLikePattern = (wildcard: string): string =>
  wildcard
    .replaceAll(/[\\%_]/g, String.raw`\$&`)
    .replaceAll('*', '%')
    .replaceAll('?', '_')
