import { StringDecoder } from 'node:string_decoder'

/** The text of a peer's answer; empty when it is longer than `limitBytes`: such an answer is not read at all. */
export async function readAtMost(body: AsyncIterable<Uint8Array>, limitBytes: number): Promise<string> {
  const decoder = new StringDecoder('utf8')
  let text = ''
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > limitBytes) return ''
    text += decoder.write(Buffer.from(chunk))
  }
  return text + decoder.end()
}
