/** A PACS that results are stored to. */
export interface Destination {
  readonly name: string
  /**
   * The address of the `/studies` resource (PS3.18 10.5), e.g. http://pacs/dicom-web/studies. One rule for others:
   * an address that ends neither in `/studies` nor in `/studies/<one segment>` is a base, and gets `/studies`.
   */
  readonly stowUrl: URL
  readonly authorization?: Authorization
  /** Further request headers; never logged. */
  readonly headers?: Readonly<Record<string, string>>
  /** False for a destination whose QIDO-RS is not beside its STOW-RS: its answers are then believed as they are. */
  readonly confirm?: boolean
  /** How long the destination may be silent, before its answer or inside it; 60 s when absent. */
  readonly silenceLimitMs?: number
}

export type Authorization =
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }

const STUDIES = /\/studies(\/[^/]+)?$/

/** Where to POST, by the rule of `Destination.stowUrl`; without user and password, which go into a header. */
export function storeAddress(destination: Destination): URL {
  const address = withoutUser(destination.stowUrl)
  if (!STUDIES.test(address.pathname)) address.pathname = `${base(address)}/studies`
  return address
}

/** The QIDO-RS address of one instance beside the store address. */
export function instanceQueryAddress(destination: Destination, sopInstanceUid: string): URL {
  const address = withoutUser(destination.stowUrl)
  address.pathname = `${base(address)}/instances`
  address.searchParams.set('SOPInstanceUID', sopInstanceUid)
  return address
}

/** The headers that every request to this destination carries; a user in the address is Basic authentication. */
export function destinationHeaders({ stowUrl, authorization, headers }: Destination): Record<string, string> {
  const { username, password } = stowUrl
  if (authorization?.kind === 'bearer') return { ...headers, authorization: `Bearer ${authorization.token}` }
  if (authorization !== undefined)
    return { ...headers, authorization: basic(authorization.user, authorization.password) }
  if (username !== '') {
    return { ...headers, authorization: basic(decodeURIComponent(username), decodeURIComponent(password)) }
  }
  return { ...headers }
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

function withoutUser(url: URL): URL {
  const address = new URL(url)
  address.username = ''
  address.password = ''
  address.hash = ''
  address.pathname = address.pathname.replace(/\/+$/, '')
  return address
}

/** The path of the DICOMweb service, without a slash at its end. */
function base(address: URL): string {
  return address.pathname.replace(STUDIES, '').replace(/\/$/, '')
}
