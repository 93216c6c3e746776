/** The parts of a multipart/related answer, by a reader that knows nothing of the one who wrote it. */
export async function readParts(
  response: Response,
): Promise<readonly { readonly headers: Headers; readonly body: Buffer }[]> {
  const boundary = /boundary="?([^";]+)/.exec(response.headers.get('content-type') ?? '')?.[1] ?? 'none'
  const bytes = Buffer.from(await response.arrayBuffer())
  const pieces: Buffer[] = []
  const delimiter = `--${boundary}`
  for (
    let at = bytes.indexOf(delimiter), next;
    at >= 0 && bytes.toString('latin1', at + delimiter.length, at + delimiter.length + 2) !== '--';
    at = next
  ) {
    next = bytes.indexOf(`\r\n${delimiter}`, at + delimiter.length) + 2
    pieces.push(bytes.subarray(at + delimiter.length + 2, next - 2))
  }
  return pieces.map((piece) => {
    const end = piece.indexOf('\r\n\r\n')
    const lines = piece.toString('latin1', 0, end).split('\r\n')
    const headers = new Headers(
      lines.map((line): [string, string] => [
        line.slice(0, line.indexOf(':')),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
    )
    return { headers, body: piece.subarray(end + 4) }
  })
}
