import { Value } from 'typebox/value'

import { Study } from '../ris/study-resource.ts'

/** Reads a study of a running node; undefined while the node does not know it. Throws on any other answer. */
export async function fetchStudy(node: string, studyInstanceUid: string): Promise<Study | undefined> {
  const response = await fetch(new URL(`/v1/studies/${studyInstanceUid}`, node), {
    signal: AbortSignal.timeout(10_000),
  })
  const body: unknown = await response.json()
  if (response.status === 404) return undefined
  if (!response.ok) throw new Error(`GET /v1/studies/${studyInstanceUid} answered ${response.status}`)
  return Value.Parse(Study, body)
}

/** Whether every result has come to an end on its way to every destination; false while there are none. */
export function isDelivered({ state, deliveries }: Study): boolean {
  return state === 'REPORTED' && deliveries.length > 0 && deliveries.every((delivery) => delivery.state !== 'WAITING')
}
