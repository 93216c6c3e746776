/** As much of XMLHttpRequest over fetch as dicomweb-client asks for; the bytes on the wire stay that client's. */
export class FetchedRequest {
  onreadystatechange: () => void = () => undefined
  responseType = ''
  readyState = 0
  status = 0
  response: unknown = undefined
  private method = 'GET'
  private url = ''
  private answered = new Headers()
  private readonly headers = new Headers()

  open(method: string, url: string): void {
    this.method = method.toUpperCase()
    this.url = url
  }

  setRequestHeader(name: string, value: string): void {
    this.headers.set(name, value)
  }

  getResponseHeader(name: string): string | null {
    return this.answered.get(name)
  }

  getAllResponseHeaders(): string {
    return [...this.answered].map(([name, value]) => `${name}: ${value}`).join('\r\n')
  }

  send(body?: ArrayBuffer): void {
    const sent = fetch(this.url, { method: this.method, headers: this.headers, body: body ?? null }).then(
      async (answer) => {
        this.status = answer.status
        this.answered = answer.headers
        const text = async (): Promise<unknown> =>
          this.responseType === 'json' ? await answer.json() : await answer.text()
        this.response = this.responseType === 'arraybuffer' ? await answer.arrayBuffer() : await text()
      },
      // As a browser tells of a network error: done, with status 0.
      () => undefined,
    )
    void sent.then(() => {
      this.readyState = 4
      this.onreadystatechange()
    })
  }
}
