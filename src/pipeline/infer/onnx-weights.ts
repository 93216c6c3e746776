import { ModelUnusable } from '../../errors.ts'

/** Where tensors may sit in an ONNX file (onnx.proto): message → field → message, or what the field means to us. */
const FIELDS: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  model: { 7: 'graph', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  function: { 7: 'node' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  tensor: { 13: 'external' },
}

const MAXIMUM_DEPTH = 64

/**
 * The files beside an ONNX model that hold its tensors, as the model names them.
 * @throws ModelUnusable when the bytes are no ONNX, or hold sparse tensors.
 */
export function externalDataOf(model: Uint8Array): readonly string[] {
  const found = new Set<string>()
  const walk = (message: string, bytes: Uint8Array, depth: number): void => {
    if (depth > MAXIMUM_DEPTH) throw new ModelUnusable('the ONNX file is nested too deeply')
    for (const { field, body } of lengthDelimited(bytes)) {
      const inner = FIELDS[message]?.[field]
      if (inner === undefined) continue
      if (inner === 'sparse') throw new ModelUnusable('the ONNX file holds sparse tensors, which are not taken')
      if (inner === 'external') {
        const [key, value] = readEntry(body)
        if (key === 'location') found.add(value)
      } else walk(inner, body, depth + 1)
    }
  }
  walk('model', model, 0)
  return [...found]
}

function readEntry(bytes: Uint8Array): readonly [string, string] {
  const parts = ['', '']
  for (const { field, body } of lengthDelimited(bytes)) {
    if (field === 1 || field === 2) parts[field - 1] = Buffer.from(body).toString('utf8')
  }
  return [parts[0] ?? '', parts[1] ?? '']
}

/** The length-delimited fields of a protocol buffer message; the others are stepped over. */
function* lengthDelimited(bytes: Uint8Array): Generator<{ field: number; body: Uint8Array }> {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++]
      if (byte === undefined) break
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new ModelUnusable('the weights are no ONNX file')
  }
  while (at < bytes.length) {
    const key = varint()
    const kind = key % 8
    if (kind === 0) varint()
    else if (kind === 1) at += 8
    else if (kind === 5) at += 4
    else if (kind === 2) {
      const length = varint()
      if (at + length > bytes.length) throw new ModelUnusable('the weights are no ONNX file, or it is cut short')
      yield { field: Math.floor(key / 8), body: bytes.subarray(at, at + length) }
      at += length
    } else throw new ModelUnusable('the weights are no ONNX file')
  }
}
