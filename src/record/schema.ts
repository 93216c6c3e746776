import {
  bigint,
  bigserial,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
  unique,
} from 'drizzle-orm/pg-core'
import type { Code } from '../dicom/code.ts'
import type { DicomJson } from '../dicom/dataset.ts'
import type { AnalysisState, DeliveryState, StudyState } from './states.ts'
import type { Region } from '../pipeline/localize/finding.ts'

const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' })

/** One row a Study Instance UID that an accepted instance named. */
export const studies = pgTable(
  'studies',
  {
    studyInstanceUid: text('study_instance_uid').primaryKey(),
    /** Patient and study level attributes of the first instance (PS3.18 table 10.6.3-3 and more). */
    attributes: jsonb('attributes').$type<DicomJson>().notNull(),
    state: text('state').$type<StudyState>().notNull(),
    /** 0 STAT, 1 HIGH, 2 MEDIUM, 3 LOW: the number that every queue is given. */
    priority: smallint('priority').notNull().default(2),
    firstReceivedAt: time('first_received_at').notNull(),
    lastReceivedAt: time('last_received_at').notNull(),
    /** When the quiet period ends: the study settles then, unless another instance comes. */
    settleDueAt: time('settle_due_at').notNull(),
    settledAt: time('settled_at'),
    reportedAt: time('reported_at'),
    /** What the last report was made of (instances, revisions, models, configuration); null: never reported. */
    reportKey: text('report_key'),
  },
  (table) => [
    index('studies_due').on(table.state, table.settleDueAt),
    index('studies_newest').on(table.lastReceivedAt),
  ],
)

export const series = pgTable(
  'series',
  {
    seriesInstanceUid: text('series_instance_uid').primaryKey(),
    studyInstanceUid: text('study_instance_uid')
      .notNull()
      .references(() => studies.studyInstanceUid),
    attributes: jsonb('attributes').$type<DicomJson>().notNull(),
  },
  (table) => [index('series_of_study').on(table.studyInstanceUid)],
)

/** Received and produced instances, each in its newest revision. */
export const instances = pgTable(
  'instances',
  {
    sopInstanceUid: text('sop_instance_uid').primaryKey(),
    studyInstanceUid: text('study_instance_uid')
      .notNull()
      .references(() => studies.studyInstanceUid),
    seriesInstanceUid: text('series_instance_uid')
      .notNull()
      .references(() => series.seriesInstanceUid),
    sopClassUid: text('sop_class_uid').notNull(),
    transferSyntaxUid: text('transfer_syntax_uid').notNull(),
    origin: text('origin').$type<'RECEIVED' | 'PRODUCED'>().notNull(),
    /** 1 for the first bytes stored under the UID, one more each time other bytes came. */
    revision: integer('revision').notNull().default(1),
    sha256: text('sha256').notNull(),
    sizeBytes: bigint('size_bytes', { mode: 'number' }).notNull(),
    header: jsonb('header').$type<DicomJson>().notNull(),
    /** Why no model is meant for it; empty: eligible. */
    reasons: jsonb('reasons').$type<readonly string[]>().notNull(),
    receivedAt: time('received_at').notNull(),
  },
  (table) => [
    index('instances_of_study').on(table.studyInstanceUid),
    index('instances_of_series').on(table.seriesInstanceUid),
  ],
)

/** One a model (version and weights) and instance revision. */
export const analyses = pgTable(
  'analyses',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    studyInstanceUid: text('study_instance_uid').notNull(),
    sopInstanceUid: text('sop_instance_uid')
      .notNull()
      .references(() => instances.sopInstanceUid),
    revision: integer('revision').notNull(),
    modelName: text('model_name').notNull(),
    modelVersion: text('model_version').notNull(),
    modelKey: text('model_key').notNull(),
    state: text('state').$type<AnalysisState>().notNull(),
    /** Code of the failure that ended it. */
    reason: text('reason'),
    attempts: integer('attempts').notNull().default(0),
    createdAt: time('created_at').notNull(),
    /** The first start under this identity: the time that the objects carry, so that a re-run makes the same bytes. */
    firstStartedAt: time('first_started_at'),
    leaseUntil: time('lease_until'),
    finishedAt: time('finished_at'),
    provider: text('provider'),
    timings: jsonb('timings').$type<Readonly<Record<string, number>>>(),
  },
  (table) => [
    unique('analyses_once').on(table.sopInstanceUid, table.revision, table.modelKey),
    index('analyses_of_study').on(table.studyInstanceUid),
    index('analyses_due').on(table.state, table.leaseUntil),
  ],
)

export const findings = pgTable(
  'findings',
  {
    analysisId: bigint('analysis_id', { mode: 'number' })
      .notNull()
      .references(() => analyses.id, { onDelete: 'cascade' }),
    ordinal: integer('ordinal').notNull(),
    label: text('label').notNull(),
    code: jsonb('code').$type<Code>().notNull(),
    site: jsonb('site').$type<Code>(),
    score: real('score').notNull(),
    present: boolean('present').notNull(),
    /** In image pixels; null: a statement on the whole image. */
    region: jsonb('region').$type<Region>(),
  },
  (table) => [primaryKey({ columns: [table.analysisId, table.ordinal] })],
)

/** DICOM objects that Hilum made; their bytes are instances of origin PRODUCED. */
export const results = pgTable(
  'results',
  {
    sopInstanceUid: text('sop_instance_uid')
      .primaryKey()
      .references(() => instances.sopInstanceUid),
    studyInstanceUid: text('study_instance_uid').notNull(),
    kind: text('kind').$type<'SR' | 'GSPS'>().notNull(),
    sourceSopInstanceUid: text('source_sop_instance_uid'),
    reportKey: text('report_key').notNull(),
    instanceNumber: integer('instance_number').notNull(),
    createdAt: time('created_at').notNull(),
  },
  (table) => [index('results_of_study').on(table.studyInstanceUid)],
)

/** One an object and destination. */
export const deliveries = pgTable(
  'deliveries',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    sopInstanceUid: text('sop_instance_uid')
      .notNull()
      .references(() => results.sopInstanceUid),
    studyInstanceUid: text('study_instance_uid').notNull(),
    destination: text('destination').notNull(),
    state: text('state').$type<DeliveryState>().notNull(),
    attempts: integer('attempts').notNull().default(0),
    createdAt: time('created_at').notNull(),
    nextAttemptAt: time('next_attempt_at').notNull(),
    deliveredAt: time('delivered_at'),
    /** What the PACS said last, without patient attributes. */
    lastAnswer: text('last_answer'),
  },
  (table) => [
    unique('deliveries_once').on(table.sopInstanceUid, table.destination),
    index('deliveries_due').on(table.state, table.nextAttemptAt),
    index('deliveries_of_study').on(table.studyInstanceUid),
  ],
)
