import { Command, Option } from 'commander'
import { ServiceError } from '../errors.ts'
import { type ExecutionProvider, EXECUTION_PROVIDERS } from '../pipeline/infer/execution-provider.ts'
import { loadModelPackage, type ModelPackage } from '../pipeline/infer/model-package.ts'
import { openModel } from '../pipeline/infer/model-session.ts'

/** `hilum model check|inspect DIR`, for the author of a model package. */
export function modelCommand(): Command {
  const provider = new Option('--provider <name>', 'execution provider').choices(EXECUTION_PROVIDERS).default('cpu')
  return new Command('model')
    .description('check and inspect model packages')
    .addCommand(
      new Command('check')
        .description('check manifest, hash and graph and run the model once; the exit code is 1 when it cannot be used')
        .argument('<directory>', 'folder of the model package')
        .addOption(provider)
        .action((directory: string, options: { provider: ExecutionProvider }) =>
          report(() => check(directory, options.provider)),
        ),
    )
    .addCommand(
      new Command('inspect')
        .description('show what a model package says of itself')
        .argument('<directory>', 'folder of the model package')
        .option('--json', 'the manifest and the key as JSON')
        .action((directory: string, options: { json?: true }) =>
          report(async () => {
            const modelPackage = await loadModelPackage(directory)
            return options.json === true ? asJson(modelPackage) : describe(modelPackage)
          }),
        ),
    )
}

async function report(work: () => Promise<string>): Promise<void> {
  try {
    console.log(await work())
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}

async function check(directory: string, provider: ExecutionProvider): Promise<string> {
  const modelPackage = await loadModelPackage(directory)
  const startedAt = performance.now()
  const session = await openModel(modelPackage, { provider, intraOpThreads: 0 })
  await session.release()
  const { name, version } = modelPackage.identity
  return `${name} ${version} can be used on ${session.provider}; opened in ${Math.round(performance.now() - startedAt)} ms`
}

function asJson({ manifest, identity }: ModelPackage): string {
  return JSON.stringify({ key: identity.key, ...manifest }, null, 2)
}

function describe({ manifest, identity, directory }: ModelPackage): string {
  const { input, eligibility, outputs, findings } = manifest
  const lines = [
    ['package', `${identity.name} ${identity.version} (${identity.status}), ${identity.title}`],
    ['folder', directory],
    ['key', identity.key],
    ['manufacturer', `${identity.manufacturer}; licence: ${manifest.licence}`],
    ['intended use', manifest.intendedUse],
    ...manifest.notFor.map((use) => ['not for', use]),
    [
      'eligible',
      `${eligibility.modalities.join(', ')}; ${eligibility.bodyParts.join(', ')}; ${eligibility.views.join(', ')}; from ${eligibility.minimumAgeYears} years`,
    ],
    [
      'input',
      `${input.tensor} ${input.layout} ${input.channels} x ${input.rows} x ${input.columns}, ${input.aspect}, ${input.intensity.kind}`,
    ],
    ...outputs.map((head) => ['output', `${head.kind} ${head.tensor}: ${head.labels.join(', ')}`]),
    ['operating point', `${identity.operatingPoint}: ${JSON.stringify(identity.operatingPoints)}`],
    ...findings.map(({ label, code, urgency }) => [
      'finding',
      `${label} = (${code.value}, ${code.scheme}, "${code.meaning}"), ${urgency}`,
    ]),
  ]
  return lines.map(([name = '', value = '']) => `${name.padEnd(16)} ${value}`).join('\n')
}
