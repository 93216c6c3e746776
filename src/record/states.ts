/** The legal moves of every state in the record: the one place that lists them. */
const STUDY_MOVES = {
  /** Instances may still come; the quiet period runs. */
  RECEIVING: ['ANALYSING', 'NOT_ELIGIBLE', 'REPORTED', 'FAILED'],
  /** Quiet, and analyses still run. */
  ANALYSING: ['RECEIVING', 'REPORTED', 'FAILED'],
  /** Results are in the archive, and with every destination that is configured once its delivery says so. */
  REPORTED: ['RECEIVING'],
  /** Quiet, and no instance is one that a model is meant for. */
  NOT_ELIGIBLE: ['RECEIVING'],
  /** Quiet, and no image could be analysed (each analysis says why) or no report be made (the log says why). */
  FAILED: ['RECEIVING'],
} as const

const ANALYSIS_MOVES = {
  WAITING: ['RUNNING', 'SUPERSEDED'],
  RUNNING: ['DONE', 'FAILED', 'WAITING', 'SUPERSEDED'],
  DONE: ['SUPERSEDED'],
  FAILED: ['WAITING', 'SUPERSEDED'],
  SUPERSEDED: [],
} as const

const DELIVERY_MOVES = {
  WAITING: ['DELIVERED', 'REFUSED', 'EXPIRED', 'WAITING'],
  DELIVERED: [],
  REFUSED: ['WAITING'],
  EXPIRED: ['WAITING'],
} as const

export type StudyState = keyof typeof STUDY_MOVES
export type AnalysisState = keyof typeof ANALYSIS_MOVES
export type DeliveryState = keyof typeof DELIVERY_MOVES

/** The states from which `to` may be reached: what an update's WHERE clause names. */
export const studyStatesBefore = (to: StudyState): StudyState[] => statesBefore(STUDY_MOVES, to)
export const analysisStatesBefore = (to: AnalysisState): AnalysisState[] => statesBefore(ANALYSIS_MOVES, to)
export const deliveryStatesBefore = (to: DeliveryState): DeliveryState[] => statesBefore(DELIVERY_MOVES, to)

function statesBefore<State extends string>(moves: Readonly<Record<State, readonly string[]>>, to: State): State[] {
  return (Object.keys(moves) as State[]).filter((from) => moves[from].includes(to))
}
