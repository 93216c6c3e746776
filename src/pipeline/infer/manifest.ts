import { type Static, Type } from 'typebox'

/** The manifest of a model package: models/manifest.schema.json is made from this, and a test compares them. */

const closed = { additionalProperties: false }
const text = Type.String({ minLength: 1 })
const fraction = Type.Number({ minimum: 0, maximum: 1 })
const side = Type.Integer({ minimum: 16, maximum: 4096 })
const labels = Type.Array(text, { minItems: 1, uniqueItems: true })
const activation = Type.Union([Type.Literal('none'), Type.Literal('sigmoid'), Type.Literal('softmax')])

const Code = Type.Object({ value: text, scheme: text, meaning: text }, closed)

const Intensity = Type.Union([
  Type.Object({ kind: Type.Literal('voi') }, closed),
  Type.Object(
    {
      kind: Type.Literal('percentile'),
      low: Type.Number({ minimum: 0, maximum: 100 }),
      high: Type.Number({ minimum: 0, maximum: 100 }),
    },
    closed,
  ),
  Type.Object({ kind: Type.Literal('equalize') }, closed),
])

const Input = Type.Object(
  {
    tensor: text,
    layout: Type.Union([Type.Literal('NCHW'), Type.Literal('NHWC')]),
    rows: side,
    columns: side,
    channels: Type.Union([Type.Literal(1), Type.Literal(3)]),
    aspect: Type.Union([Type.Literal('squash'), Type.Literal('letterbox'), Type.Literal('crop')]),
    intensity: Intensity,
    mean: Type.Array(Type.Number(), { minItems: 1, maxItems: 3 }),
    deviation: Type.Array(Type.Number({ exclusiveMinimum: 0 }), { minItems: 1, maxItems: 3 }),
  },
  closed,
)

const Classification = Type.Object(
  {
    kind: Type.Literal('classification'),
    tensor: text,
    labels,
    activation,
    calibration: Type.Optional(
      Type.Union([Type.Literal('platt'), Type.Literal('temperature'), Type.Literal('isotonic')], {
        description: 'How the scores were made probabilities, inside the graph; absent: they are not.',
      }),
    ),
    operatingPoints: Type.Record(text, Type.Array(fraction, { minItems: 1 })),
    defaultOperatingPoint: text,
  },
  closed,
)

const Boxes = Type.Object(
  {
    kind: Type.Literal('boxes'),
    tensor: text,
    scoresTensor: text,
    labels,
    activation: Type.Optional(activation),
    format: Type.Union([Type.Literal('ltrb'), Type.Literal('ltwh'), Type.Literal('cxcywh')]),
    space: Type.Union([Type.Literal('normalized'), Type.Literal('model')]),
    nms: Type.Union([
      Type.Object({ kind: Type.Literal('hard'), iou: fraction }, closed),
      Type.Object({ kind: Type.Literal('none') }, closed),
    ]),
    threshold: fraction,
    maximum: Type.Integer({ minimum: 1, maximum: 1000 }),
  },
  closed,
)

const ActivationMap = Type.Object(
  {
    kind: Type.Literal('activation-map'),
    tensor: text,
    labels,
    activation,
    threshold: fraction,
    /** `value` (the default): of the map itself; `maximum`: of the greatest value in the map. */
    thresholdOf: Type.Optional(Type.Union([Type.Literal('value'), Type.Literal('maximum')])),
    method: text,
  },
  closed,
)

const FindingRule = Type.Object(
  {
    label: text,
    code: Code,
    site: Type.Union([Code, Type.Null()]),
    urgency: Type.Union([Type.Literal('STAT'), Type.Literal('HIGH'), Type.Literal('MEDIUM'), Type.Literal('LOW')]),
    region: Type.Array(Type.Union([Type.Literal('boxes'), Type.Literal('activation-map')])),
  },
  closed,
)

export const ManifestSchema = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    name: Type.String({ pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', maxLength: 64 }),
    version: Type.String({ pattern: '^\\d+\\.\\d+\\.\\d+([-+].+)?$' }),
    status: Type.Union([Type.Literal('RESEARCH'), Type.Literal('PRODUCT')]),
    title: text,
    manufacturer: text,
    licence: text,
    intendedUse: text,
    notFor: Type.Array(text),
    weights: Type.Object({ file: text, sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }) }, closed),
    eligibility: Type.Object(
      {
        modalities: Type.Array(text, { minItems: 1 }),
        bodyParts: Type.Array(text),
        views: Type.Array(text),
        minimumAgeYears: Type.Number({ minimum: 0 }),
      },
      closed,
    ),
    input: Input,
    outputs: Type.Array(Type.Union([Classification, Boxes, ActivationMap]), { minItems: 1 }),
    findings: Type.Array(FindingRule, { minItems: 1 }),
  },
  closed,
)

export type Manifest = Static<typeof ManifestSchema>
export type ModelInputSpecification = Static<typeof Input>
export type Head = Manifest['outputs'][number]
export type BoxHead = Static<typeof Boxes>
export type ActivationMapHead = Static<typeof ActivationMap>
