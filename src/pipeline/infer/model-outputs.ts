import type { Tensor } from 'onnxruntime-node'
import { ModelUnusable } from '../../errors.ts'
import type { Head, Manifest } from './manifest.ts'

export interface OutputTensor {
  readonly values: Float32Array
  readonly dimensions: readonly number[]
}

/** Tensor name → what the model gave, of shapes that fit the heads. */
export type Outputs = Readonly<Record<string, OutputTensor>>

export function tensorsOf(manifest: Manifest): string[] {
  return manifest.outputs.flatMap((head) => (head.kind === 'boxes' ? [head.tensor, head.scoresTensor] : [head.tensor]))
}

/** @throws ModelUnusable that names the tensor whose type or shape its head cannot read. */
export function checkOutputs(manifest: Manifest, tensors: Readonly<Record<string, Tensor>>): Outputs {
  const outputs: Record<string, OutputTensor> = {}
  for (const name of tensorsOf(manifest)) {
    const tensor = tensors[name]
    if (tensor === undefined || !(tensor.data instanceof Float32Array))
      throw new ModelUnusable(`output '${name}' is no float32`)
    outputs[name] = { values: tensor.data, dimensions: tensor.dims }
  }
  for (const head of manifest.outputs) checkShape(head, outputs)
  return outputs
}

function checkShape(head: Head, outputs: Outputs): void {
  const count = head.labels.length
  const shape = outputs[head.tensor]?.dimensions ?? []
  const wrong = (expected: string) => {
    return new ModelUnusable(`output '${head.tensor}' is ${shape.join(' x ')}, a ${head.kind} head needs ${expected}`)
  }
  if (head.kind === 'classification') {
    if (shape.length > 2 || shape.at(-1) !== count) throw wrong(`1 x ${count}`)
  } else if (head.kind === 'activation-map') {
    if (shape.length !== 4 || shape[1] !== count || !shape[2] || !shape[3]) throw wrong(`1 x ${count} x rows x columns`)
  } else {
    if (shape.length !== 3 || shape[2] !== 4) throw wrong('1 x boxes x 4')
    const scores = outputs[head.scoresTensor]?.dimensions ?? []
    const fits = scores[1] === shape[1] && (count === 1 ? (scores[2] ?? 1) === 1 : scores[2] === count)
    if (!fits)
      throw new ModelUnusable(
        `output '${head.scoresTensor}' is ${scores.join(' x ')} for boxes of ${shape.join(' x ')}`,
      )
  }
}
