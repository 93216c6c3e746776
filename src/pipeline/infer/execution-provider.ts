import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession, type Tensor } from 'onnxruntime-node'
import { ModelUnusable } from '../../errors.ts'

export const EXECUTION_PROVIDERS = ['cpu', 'cuda', 'tensorrt', 'webgpu'] as const
export type ExecutionProvider = (typeof EXECUTION_PROVIDERS)[number]

const NEEDS: Readonly<Record<ExecutionProvider, string>> = {
  cpu: 'nothing beyond onnxruntime-node',
  cuda: "onnxruntime's CUDA provider libraries of the same version, CUDA and cuDNN",
  tensorrt: "onnxruntime's TensorRT and CUDA provider libraries of the same version",
  webgpu: 'a Vulkan loader (libvulkan.so.1) and a driver of the GPU',
}

/** As ONNX Runtime's profile calls them. */
const PROFILE_NAMES: Readonly<Record<ExecutionProvider, string>> = {
  cpu: 'CPUExecutionProvider',
  cuda: 'CUDAExecutionProvider',
  tensorrt: 'TensorrtExecutionProvider',
  webgpu: 'WebGpuExecutionProvider',
}

export interface SessionRequest {
  readonly weightsPath: string
  readonly provider: ExecutionProvider
  readonly intraOpThreads: number
  /** A tensor that fits the model, to see what really runs. */
  readonly probe: () => Readonly<Record<string, Tensor>>
}

/** @throws ModelUnusable when the provider cannot run the model, or when ONNX Runtime would quietly use the CPU instead. */
export async function openSession(request: SessionRequest): Promise<InferenceSession> {
  const { provider, weightsPath } = request
  try {
    if (provider !== 'cpu') await assertRunsOn(request)
    return await InferenceSession.create(weightsPath, options(request))
  } catch (cause) {
    if (cause instanceof ModelUnusable) throw cause
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    throw new ModelUnusable(
      `execution provider ${provider} cannot run the model; it needs ${NEEDS[provider]} (${reason})`,
      { cause },
    )
  }
}

function options({ provider, intraOpThreads }: SessionRequest): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    intraOpNumThreads: intraOpThreads,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  }
}

/**
 * ONNX Runtime gives nodes that a provider does not take to the CPU without a word, all of them if need be. A profile
 * of one run names the provider of each node.
 */
async function assertRunsOn(request: SessionRequest): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hilum-provider-'))
  try {
    const profiling = { enableProfiling: true, profileFilePrefix: join(folder, 'profile') }
    const session = await InferenceSession.create(request.weightsPath, { ...options(request), ...profiling })
    await session.run(request.probe())
    session.endProfiling()
    await session.release()
    const [file] = await readdir(folder)
    const profile = file === undefined ? '' : await readFile(join(folder, file), 'utf8')
    const nodes = [...profile.matchAll(/"provider"\s*:\s*"(\w+)"/g)].map(([, name]) => name)
    const there = nodes.filter((name) => name === PROFILE_NAMES[request.provider]).length
    if (there * 2 <= nodes.length) {
      throw new ModelUnusable(
        `execution provider ${request.provider} runs ${there} of the model's ${nodes.length} nodes; the rest would run on the CPU`,
      )
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
