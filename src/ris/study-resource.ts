import { Type, type Static } from 'typebox'

const Time = Type.Union([Type.String({ format: 'date-time' }), Type.Null()])
const Coded = Type.Object({ value: Type.String(), scheme: Type.String(), meaning: Type.String() })
const Point = Type.Object({ column: Type.Number(), row: Type.Number() })

const Region = Type.Object(
  {
    method: Type.Union([Type.Literal('detected'), Type.Literal('weakly-localized')]),
    box: Type.Object({ left: Type.Number(), top: Type.Number(), right: Type.Number(), bottom: Type.Number() }),
    polygon: Type.Optional(Type.Array(Point)),
  },
  { description: 'Image pixels: column and row from the top left of the stored matrix.' },
)

const Finding = Type.Object({
  label: Type.String(),
  code: Coded,
  site: Type.Union([Coded, Type.Null()]),
  score: Type.Number({ minimum: 0, maximum: 1 }),
  present: Type.Boolean({ description: 'At or above the operating point.' }),
  region: Type.Union([Region, Type.Null()], { description: 'Null: a statement on the whole image.' }),
})

const Analysis = Type.Object({
  model: Type.String(),
  version: Type.String(),
  state: Type.String(),
  reason: Type.Union([Type.String(), Type.Null()]),
  provider: Type.Union([Type.String(), Type.Null()], { description: 'The execution provider that really ran.' }),
  attempts: Type.Integer(),
  startedAt: Time,
  finishedAt: Time,
  timings: Type.Record(Type.String(), Type.Number(), { description: 'Milliseconds a step.' }),
  findings: Type.Array(Finding),
})

const Reason = Type.Object({ code: Type.String(), text: Type.String() })

const Instance = Type.Object({
  sopInstanceUid: Type.String(),
  seriesInstanceUid: Type.String(),
  sopClassUid: Type.String(),
  revision: Type.Integer(),
  receivedAt: Time,
  eligible: Type.Boolean(),
  reasons: Type.Array(Reason),
  analyses: Type.Array(Analysis),
})

const Result = Type.Object({
  kind: Type.Union([Type.Literal('SR'), Type.Literal('GSPS')]),
  sopInstanceUid: Type.String(),
  sourceSopInstanceUid: Type.Union([Type.String(), Type.Null()]),
  instanceNumber: Type.Integer(),
  createdAt: Time,
  retrieveUrl: Type.String({ description: 'WADO-RS address of the instance.' }),
})

const Delivery = Type.Object({
  destination: Type.String(),
  sopInstanceUid: Type.String(),
  state: Type.String(),
  attempts: Type.Integer(),
  nextAttemptAt: Time,
  deliveredAt: Time,
  lastAnswer: Type.Union([Type.String(), Type.Null()]),
})

export const StudySummary = Type.Object({
  studyInstanceUid: Type.String(),
  state: Type.String({ description: 'RECEIVING, ANALYSING, REPORTED, NOT_ELIGIBLE or FAILED.' }),
  priority: Type.Union([Type.Literal('STAT'), Type.Literal('HIGH'), Type.Literal('MEDIUM'), Type.Literal('LOW')]),
  receivedAt: Time,
  settledAt: Time,
  reportedAt: Time,
})

export const Study = Type.Object({
  ...StudySummary.properties,
  instances: Type.Array(Instance),
  results: Type.Array(Result),
  deliveries: Type.Array(Delivery),
  timings: Type.Object(
    {
      analysedMs: Type.Union([Type.Number(), Type.Null()]),
      settledMs: Type.Union([Type.Number(), Type.Null()]),
      reportedMs: Type.Union([Type.Number(), Type.Null()]),
      deliveredMs: Type.Union([Type.Number(), Type.Null()]),
    },
    {
      description:
        'Milliseconds from the last byte of the newest instance to the end of each stage; null: not reached.',
    },
  ),
})

export const StudyPage = Type.Object({
  studies: Type.Array(StudySummary),
  next: Type.Union([Type.String(), Type.Null()], {
    description: 'Pass it as `after` for the next page; null: this was the last.',
  }),
})

export type Study = Static<typeof Study>
export type StudySummary = Static<typeof StudySummary>
