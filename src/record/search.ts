import type { SQL } from 'drizzle-orm'
import { and, eq, sql } from 'drizzle-orm'
import type { AttributePath } from '../dicom/attribute-path.ts'
import type { DicomJson } from '../dicom/dataset.ts'
import type { Matching } from '../dicom/matching.ts'
import { attributeCondition } from './attribute-condition.ts'
import { PATIENT_AND_STUDY_TAGS, SERIES_TAGS } from './levels.ts'
import type { Record } from './record.ts'
import { instances, series, studies } from './schema.ts'

export interface Search {
  readonly studyInstanceUid?: string | undefined
  readonly seriesInstanceUid?: string | undefined
  readonly matches: readonly { readonly path: AttributePath; readonly vr: string; readonly matching: Matching }[]
  readonly limit: number
  readonly offset: number
}

/** One page; `total` counts all that match, and is 0 when the page lies behind them. */
export interface SearchPage<Row> {
  readonly rows: readonly Row[]
  readonly total: number
}

export interface FoundStudy {
  readonly studyInstanceUid: string
  readonly study: DicomJson
  readonly modalities: readonly string[]
  readonly seriesCount: number
  readonly instanceCount: number
}

export interface FoundSeries extends Omit<FoundStudy, 'seriesCount'> {
  readonly seriesInstanceUid: string
  readonly series: DicomJson
}

export interface FoundInstance {
  readonly studyInstanceUid: string
  readonly seriesInstanceUid: string
  readonly sopInstanceUid: string
  readonly sopClassUid: string
  readonly transferSyntaxUid: string
  readonly study: DicomJson
  readonly series: DicomJson
  /** Only the tags that were asked for. */
  readonly instance: DicomJson
}

type Level = 'study' | 'series' | 'instance'

// Sub-selects are written with their table names: drizzle leaves the names out where one table is selected from.
const modalities = sql<
  readonly string[]
>`(select coalesce(jsonb_agg(distinct of_study.attributes #> '{00080060,Value,0}') filter (where of_study.attributes #> '{00080060,Value,0}' is not null), '[]'::jsonb) from series of_study where of_study.study_instance_uid = studies.study_instance_uid)`
const seriesOfStudy = sql`(select count(*) from series of_study where of_study.study_instance_uid = studies.study_instance_uid)`
const instancesOfStudy = sql`(select count(*) from instances of_study where of_study.study_instance_uid = studies.study_instance_uid)`
const instancesOfSeries = sql`(select count(*) from instances of_series where of_series.series_instance_uid = series.series_instance_uid)`
const total = sql`count(*) over ()`.mapWith(Number)

/** Studies, the newest first. */
export async function searchStudies(record: Record, search: Search): Promise<SearchPage<FoundStudy>> {
  const rows = await record
    .select({
      studyInstanceUid: studies.studyInstanceUid,
      study: studies.attributes,
      modalities,
      seriesCount: seriesOfStudy.mapWith(Number),
      instanceCount: instancesOfStudy.mapWith(Number),
      total,
    })
    .from(studies)
    .where(conditionOf(search, 'study'))
    .orderBy(sql`studies.last_received_at desc`, studies.studyInstanceUid)
    .limit(search.limit)
    .offset(search.offset)
  return { rows, total: rows[0]?.total ?? 0 }
}

export async function searchSeries(record: Record, search: Search): Promise<SearchPage<FoundSeries>> {
  const rows = await record
    .select({
      studyInstanceUid: series.studyInstanceUid,
      seriesInstanceUid: series.seriesInstanceUid,
      study: studies.attributes,
      series: series.attributes,
      modalities,
      instanceCount: instancesOfSeries.mapWith(Number),
      total,
    })
    .from(series)
    .innerJoin(studies, eq(series.studyInstanceUid, studies.studyInstanceUid))
    .where(conditionOf(search, 'series'))
    .orderBy(...ofStudy, seriesNumber, series.seriesInstanceUid)
    .limit(search.limit)
    .offset(search.offset)
  return { rows, total: rows[0]?.total ?? 0 }
}

/** `tags` are the attributes that are wanted of each header; 'all' gives them all. */
export async function searchInstances(
  record: Record,
  search: Search,
  tags: 'all' | readonly string[],
): Promise<SearchPage<FoundInstance>> {
  const rows = await record
    .select({
      studyInstanceUid: instances.studyInstanceUid,
      seriesInstanceUid: instances.seriesInstanceUid,
      sopInstanceUid: instances.sopInstanceUid,
      sopClassUid: instances.sopClassUid,
      transferSyntaxUid: instances.transferSyntaxUid,
      study: studies.attributes,
      series: series.attributes,
      instance: tags === 'all' ? instances.header : headerOf(tags),
      total,
    })
    .from(instances)
    .innerJoin(series, eq(instances.seriesInstanceUid, series.seriesInstanceUid))
    .innerJoin(studies, eq(instances.studyInstanceUid, studies.studyInstanceUid))
    .where(conditionOf(search, 'instance'))
    .orderBy(...ofStudy, seriesNumber, series.seriesInstanceUid, instanceNumber, instances.sopInstanceUid)
    .limit(search.limit)
    .offset(search.offset)
  return { rows, total: rows[0]?.total ?? 0 }
}

const ofStudy = [sql`studies.last_received_at desc`, sql`studies.study_instance_uid`]
const seriesNumber = sql`series.attributes #> '{00200011,Value,0}' nulls last`
const instanceNumber = sql`instances.header #> '{00200013,Value,0}' nulls last`

const headerOf = (tags: readonly string[]): SQL<DicomJson> =>
  sql<DicomJson>`(select coalesce(jsonb_object_agg(element.key, element.value), '{}'::jsonb) from jsonb_each(instances.header) as element where element.key in (${sql.join(
    tags.map((tag) => sql`${tag}::text`),
    sql`, `,
  )}))`

function conditionOf(search: Search, level: Level): SQL | undefined {
  const table = { study: studies, series, instance: instances }[level]
  return and(
    search.studyInstanceUid === undefined ? undefined : eq(table.studyInstanceUid, search.studyInstanceUid),
    search.seriesInstanceUid === undefined || level === 'study'
      ? undefined
      : eq(level === 'series' ? series.seriesInstanceUid : instances.seriesInstanceUid, search.seriesInstanceUid),
    ...search.matches.map((match) => matchCondition(match, level)),
  )
}

const IN_STUDY = new Set(PATIENT_AND_STUDY_TAGS)
const IN_SERIES = new Set(SERIES_TAGS)
const MODALITIES_IN_STUDY = '00080061'

/** An attribute is looked up where it is kept; above that, one series or instance that has it is enough. */
function matchCondition({ path, vr, matching }: Search['matches'][number], level: Level): SQL {
  const [tag] = path
  if (tag === MODALITIES_IN_STUDY) {
    const has = attributeCondition(sql`of_study.attributes`, ['00080060'], 'CS', matching)
    return sql`exists (select 1 from series of_study where of_study.study_instance_uid = studies.study_instance_uid and ${has})`
  }
  if (IN_STUDY.has(tag)) return attributeCondition(sql`studies.attributes`, path, vr, matching)
  if (IN_SERIES.has(tag)) {
    if (level !== 'study') return attributeCondition(sql`series.attributes`, path, vr, matching)
    const has = attributeCondition(sql`of_study.attributes`, path, vr, matching)
    return sql`exists (select 1 from series of_study where of_study.study_instance_uid = studies.study_instance_uid and ${has})`
  }
  if (level === 'instance') return attributeCondition(sql`instances.header`, path, vr, matching)
  const has = attributeCondition(sql`part.header`, path, vr, matching)
  const within =
    level === 'series'
      ? sql`part.series_instance_uid = series.series_instance_uid`
      : sql`part.study_instance_uid = studies.study_instance_uid`
  return sql`exists (select 1 from instances part where ${within} and ${has})`
}
