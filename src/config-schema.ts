import { Type, type Static } from 'typebox'

/** Every setting, by the name of its environment variable: one schema for the environment, the YAML file and the README. */
export const Settings = Type.Object(
  {
    HTTP_HOST: Type.String({
      default: '127.0.0.1',
      description: 'Address to listen on. Anything but loopback needs `AUTH_TOKEN_FILE`.',
    }),
    HTTP_PORT: Type.Integer({
      default: 8080,
      minimum: 0,
      maximum: 65535,
      description: 'Port to listen on; 0 takes a free one.',
    }),
    PUBLIC_URL: Type.String({
      default: '',
      pattern: '^(https?://.+)?$',
      description: 'Address under which clients reach Hilum, for RetrieveURL; empty: the Host header of the request.',
    }),
    AUTH_TOKEN_FILE: Type.String({
      default: '',
      description:
        'File with the bearer token that every request but health must carry; empty: no sign-in, loopback only.',
    }),
    DATA_DIR: Type.String({
      default: './data',
      description: 'Folder of the archive and, in the embedded profile, of the database.',
    }),
    DATABASE_URL: Type.String({
      default: '',
      pattern: '^(postgres(ql)?://.+)?$',
      description: 'PostgreSQL of the cluster profile; empty: embedded.',
    }),
    REDIS_URL: Type.String({ default: '', pattern: '^(rediss?://.+)?$', description: 'Redis of the cluster profile.' }),
    REDIS_PREFIX: Type.String({ default: 'hilum', description: 'Prefix of all keys in Redis.' }),
    STUDY_QUIET_MS: Type.Integer({
      default: 3000,
      minimum: 0,
      description: 'A study is reported when no instance came for so long.',
    }),
    STUDY_MAX_WAIT_MS: Type.Integer({
      default: 60000,
      minimum: 0,
      description: 'It is reported after so long at the latest, although instances still come.',
    }),
    SWEEP_INTERVAL_MS: Type.Integer({
      default: 2000,
      minimum: 100,
      description: 'How often the record is searched for work that has no job.',
    }),
    PACS_STOW_URL: Type.String({
      default: '',
      pattern: '^(https?://.+)?$',
      description: 'STOW-RS address of the PACS that results are stored to; empty: they stay in the archive of Hilum.',
    }),
    PACS_NAME: Type.String({
      default: 'pacs',
      pattern: '^[A-Za-z0-9_-]{1,32}$',
      description: 'Name of that PACS in the API and the log.',
    }),
    PACS_AUTHORIZATION_FILE: Type.String({
      default: '',
      description: 'File with the Authorization header for the PACS, as `Bearer …` or `Basic …`.',
    }),
    PACS_RETRY_HOURS: Type.Number({
      default: 72,
      exclusiveMinimum: 0,
      description: 'An object is tried for so long before its delivery ends as EXPIRED.',
    }),
    MODELS_DIR: Type.String({
      default: '',
      description: 'Folder of model packages; empty: the one that comes with Hilum.',
    }),
    MODELS: Type.String({
      default: 'hilum-opacity',
      description: 'Names of the packages to run, separated by commas.',
    }),
    EXECUTION_PROVIDER: Type.Enum(['cpu', 'cuda', 'tensorrt', 'webgpu'], {
      default: 'cpu',
      description: 'ONNX Runtime execution provider: `cpu`, `cuda`, `tensorrt`, `webgpu`.',
    }),
    EXECUTION_PROVIDER_FALLBACK: Type.Enum(['', 'cpu'], {
      default: '',
      description: '`cpu`: run there when the provider cannot; empty: do not start then.',
    }),
    INFER_THREADS: Type.Integer({
      default: 0,
      minimum: 0,
      description: 'Worker threads that decode and infer; 0: by the number of cores.',
    }),
    ANALYSIS_LEASE_MS: Type.Integer({
      default: 15000,
      minimum: 1000,
      description: 'An analysis whose worker was not heard of for so long is started again.',
    }),
    ANALYSIS_ATTEMPTS: Type.Integer({
      default: 3,
      minimum: 1,
      description: 'Starts after which an analysis that never ended is given up.',
    }),
    SR_SOP_CLASS: Type.Enum(['comprehensive3d', 'comprehensive', 'enhanced'], {
      default: 'comprehensive3d',
      description: 'SOP class of the SR: `comprehensive3d`, `comprehensive`, `enhanced`.',
    }),
    BODY_LIMIT_BYTES: Type.Integer({
      default: 2_147_483_648,
      minimum: 1,
      description: 'Largest body of a store transaction.',
    }),
    INSTANCE_LIMIT_BYTES: Type.Integer({ default: 536_870_912, minimum: 1, description: 'Largest instance.' }),
    HEADER_LIMIT_BYTES: Type.Integer({
      default: 1_048_576,
      minimum: 4096,
      description: 'Largest header of an instance, before its pixel data.',
    }),
    PART_LIMIT: Type.Integer({ default: 10_000, minimum: 1, description: 'Most parts in one store transaction.' }),
    PART_HEADER_LIMIT_BYTES: Type.Integer({ default: 8192, minimum: 256, description: 'Largest header of a part.' }),
    LOG_LEVEL: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], {
      default: 'info',
      description: '`trace`, `debug`, `info`, `warn`, `error`, `silent`.',
    }),
    SHUTDOWN_MS: Type.Integer({
      default: 20000,
      minimum: 100,
      description: 'Longest time to finish what runs after SIGTERM.',
    }),
  },
  { additionalProperties: false },
)

export type Settings = Static<typeof Settings>
