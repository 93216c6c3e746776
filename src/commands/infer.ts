import { availableParallelism } from 'node:os'
import { Command, Option } from 'commander'
import { type ExecutionProvider, EXECUTION_PROVIDERS } from '../pipeline/infer/execution-provider.ts'
import { createInference } from '../pipeline/infer/create-inference.ts'
import { inferFile } from './infer-file.ts'
import { type InferLine, toTable } from './infer-line.ts'
import { chooseModel, DEFAULT_MODELS_DIRECTORY } from './installed-models.ts'

interface InferOptions {
  readonly json?: true
  readonly all?: true
  readonly force?: true
  readonly model?: string
  readonly models: string
  readonly provider: ExecutionProvider
  readonly fallback?: 'cpu'
}

/** `hilum infer`: what the model says of files, without a service; exit code 1 when any could not be read or decoded. */
export function inferCommand(): Command {
  return new Command('infer')
    .description('score DICOM files with a model; the exit code is 1 when any file could not be read')
    .argument('<files...>', 'DICOM files')
    .option('--json', 'one line of JSON an image instead of a table')
    .option('--all', 'all regions from a score of 0.01, not only those over their threshold')
    .option('--force', 'score images that the model is not meant for, too')
    .option('--model <name>', 'name of the model package')
    .option('--models <directory>', 'where the model packages are', DEFAULT_MODELS_DIRECTORY)
    .addOption(new Option('--provider <name>', 'execution provider').choices(EXECUTION_PROVIDERS).default('cpu'))
    .addOption(new Option('--fallback <name>', 'provider to use when that one cannot run').choices(['cpu']))
    .action(async (files: string[], options: InferOptions) => {
      if (!(await infer(files, options))) process.exitCode = 1
    })
}

async function infer(files: readonly string[], options: InferOptions): Promise<boolean> {
  const modelPackage = await chooseModel(options.models, options.model)
  const threads = Math.min(availableParallelism(), files.length)
  const { provider, fallback: fallbackProvider } = options
  const log = { info: () => undefined, warn: (fields: object, message: string) => console.error(message, fields) }
  const inference = await createInference({
    packages: [modelPackage],
    provider,
    ...(fallbackProvider === undefined ? {} : { fallbackProvider }),
    threads,
    log,
  })
  try {
    const { all = false, force = false } = options
    let readable = true
    for await (const line of inOrder(files, threads, (file) =>
      inferFile(file, { inference, modelPackage, all, force }),
    )) {
      if ('error' in line) readable = false
      console.log(options.json === true ? JSON.stringify(line) : toTable(line))
    }
    return readable
  } finally {
    await inference.close()
  }
}

/** Works on `width` files at a time and gives the lines in the order of the files. */
async function* inOrder(
  files: readonly string[],
  width: number,
  work: (file: string) => Promise<InferLine>,
): AsyncGenerator<InferLine> {
  const pending: Promise<InferLine>[] = []
  for (const file of files) {
    pending.push(work(file))
    if (pending.length >= width * 2) yield (await pending.shift()) as InferLine
  }
  for (const line of pending) yield line
}
