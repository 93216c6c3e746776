import { type InferenceSession, Tensor } from 'onnxruntime-node'
import { ModelUnusable } from '../../errors.ts'
import { type ExecutionProvider, openSession } from './execution-provider.ts'
import type { Manifest } from './manifest.ts'
import type { ModelInput } from './model-input.ts'
import { checkOutputs, tensorsOf, type Outputs } from './model-outputs.ts'
import type { ModelPackage } from './model-package.ts'

/** A model that is warm in this thread. */
export interface ModelSession {
  readonly modelPackage: ModelPackage
  readonly provider: ExecutionProvider
  run(input: ModelInput): Promise<Outputs>
  release(): Promise<void>
}

export interface SessionOptions {
  readonly provider: ExecutionProvider
  readonly fallbackProvider?: ExecutionProvider | undefined
  readonly intraOpThreads: number
}

/**
 * Opens the model, compares its graph with the manifest and runs it once on black: a bad model fails here and not at
 * night. @throws ModelUnusable
 */
export async function openModel(modelPackage: ModelPackage, options: SessionOptions): Promise<ModelSession> {
  const { manifest, weightsPath } = modelPackage
  const probe = () => ({ [manifest.input.tensor]: blackTensor(manifest) })
  const open = (provider: ExecutionProvider) =>
    openSession({ weightsPath, provider, intraOpThreads: options.intraOpThreads, probe })
  try {
    const { session, provider } = await open(options.provider).then(
      (opened) => ({ session: opened, provider: options.provider }),
      async (error: unknown) => {
        const { fallbackProvider } = options
        if (fallbackProvider === undefined || fallbackProvider === options.provider) throw error
        return { session: await open(fallbackProvider), provider: fallbackProvider }
      },
    )
    checkGraph(session, manifest)
    const run = (tensor: Tensor) => session.run({ [manifest.input.tensor]: tensor }, tensorsOf(manifest))
    checkOutputs(manifest, await run(blackTensor(manifest)))
    return {
      modelPackage,
      provider,
      run: async ({ values, dimensions }) => {
        const outputs = await run(new Tensor('float32', values, dimensions))
        return checkOutputs(manifest, outputs)
      },
      release: () => session.release(),
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ModelUnusable(`model ${manifest.name}: ${reason}`, { cause })
  }
}

function blackTensor({ input }: Manifest): Tensor {
  const { channels, rows, columns } = input
  const dimensions = input.layout === 'NCHW' ? [1, channels, rows, columns] : [1, rows, columns, channels]
  return new Tensor('float32', new Float32Array(channels * rows * columns), dimensions)
}

function checkGraph(session: InferenceSession, manifest: Manifest): void {
  const { tensor, layout, rows, columns, channels } = manifest.input
  const known = session.inputMetadata.find(({ name }) => name === tensor)
  if (known === undefined)
    throw new ModelUnusable(`input/tensor: the graph has no input '${tensor}' (${session.inputNames.join(', ')})`)
  if (session.inputNames.length > 1) throw new ModelUnusable(`the graph has other inputs than '${tensor}'`)
  if (!known.isTensor || known.type !== 'float32') throw new ModelUnusable(`input/tensor: '${tensor}' takes no float32`)
  const expected = layout === 'NCHW' ? [1, channels, rows, columns] : [1, rows, columns, channels]
  const fits =
    known.shape.length === 4 && known.shape.every((size, i) => typeof size === 'string' || size === expected[i])
  if (!fits)
    throw new ModelUnusable(
      `input: the graph takes ${known.shape.join(' x ')}, the manifest says ${expected.join(' x ')}`,
    )
  for (const name of tensorsOf(manifest)) {
    if (!session.outputNames.includes(name)) {
      throw new ModelUnusable(`outputs: the graph has no output '${name}' (${session.outputNames.join(', ')})`)
    }
  }
}
