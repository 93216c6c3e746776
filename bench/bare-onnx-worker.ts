import { InferenceSession, Tensor } from 'onnxruntime-node'
import { workerData } from 'piscina'
import type { ModelInputSpecification } from '../src/pipeline/infer/manifest.ts'

// ONNX Runtime and nothing else: one session a thread with one thread of its own, the same tensor again and again.
const { weightsPath, input } = workerData as { weightsPath: string; input: ModelInputSpecification }
const session = await InferenceSession.create(weightsPath, {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 4,
})
const { layout, channels, rows, columns } = input
const dimensions = layout === 'NCHW' ? [1, channels, rows, columns] : [1, rows, columns, channels]
const values = Float32Array.from({ length: channels * rows * columns }, (_, i) => (i % 255) / 255)
const tensor = new Tensor('float32', values, dimensions)

export default async function run(): Promise<void> {
  await session.run({ [input.tensor]: tensor })
}
