/** Failure Reason (0008,1197) of a Store Instances Response (PS3.18 Annex I); the number is what is sent. */
export const FAILURE_REASONS = {
  PROCESSING: 0x0110,
  SOP_CLASS_NOT_SUPPORTED: 0x0122,
  OUT_OF_RESOURCES: 0xa700,
  MISMATCH: 0xa900,
  OTHER_STUDY: 0xa901,
  CANNOT_UNDERSTAND: 0xc000,
  TRANSFER_SYNTAX_NOT_SUPPORTED: 0xc122,
} as const

export type FailureReason = keyof typeof FAILURE_REASONS
