/** What the demo and the bench read of `GET /v1/studies/{studyInstanceUid}`; the whole answer is in openapi.yaml. */
export interface StudyAnswer {
  readonly studyInstanceUid: string
  readonly state: 'RECEIVING' | 'ANALYSING' | 'REPORTED' | 'DELIVERED' | 'NOT_ELIGIBLE' | 'FAILED'
  /** Times are RFC 3339. */
  readonly receivedAt: string
  readonly settledAt: string | null
  readonly reportedAt: string | null
  readonly instances: readonly InstanceAnswer[]
  readonly results: readonly ResultAnswer[]
  readonly deliveries: readonly DeliveryAnswer[]
}

export interface InstanceAnswer {
  readonly sopInstanceUid: string
  readonly eligible: boolean
  readonly reasons: readonly { readonly code: string; readonly text: string }[]
  readonly analyses: readonly AnalysisAnswer[]
}

export interface AnalysisAnswer {
  readonly model: string
  readonly version: string
  readonly provider: string | null
  readonly state: string
  readonly reason: string | null
  readonly findings: readonly FindingAnswer[]
}

export interface FindingAnswer {
  readonly label: string
  readonly score: number
  readonly present: boolean
  /** In image pixels of the stored matrix; null: the finding is of the whole image. */
  readonly region: {
    readonly method: string
    readonly box: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number }
  } | null
}

export interface ResultAnswer {
  readonly kind: string
  readonly sopInstanceUid: string
  readonly sourceSopInstanceUid: string | null
  readonly retrieveUrl: string
}

export interface DeliveryAnswer {
  readonly destination: string
  readonly sopInstanceUid: string
  readonly state: string
  readonly attempts: number
  readonly lastAnswer: string | null
}

/** Reads a study of a running node; undefined while it does not know the study yet. */
export async function fetchStudy(node: string, studyInstanceUid: string): Promise<StudyAnswer | undefined> {
  const response = await fetch(new URL(`/v1/studies/${studyInstanceUid}`, node), {
    signal: AbortSignal.timeout(10_000),
  })
  if (response.status === 404) return undefined
  if (!response.ok) throw new Error(`GET /v1/studies/${studyInstanceUid} answered ${response.status}`)
  // Our own node, of this version: its answer is checked against the schema there.
  const study: StudyAnswer = JSON.parse(await response.text())
  return study
}
