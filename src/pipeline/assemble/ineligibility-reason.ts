/** Why an instance is kept but not scored: a sentence for people under each code. */
export const INELIGIBILITY_REASONS = {
  NOT_A_RADIOGRAPH: 'The instance is not a CR or DX radiograph.',
  FOR_PROCESSING: 'The image is raw (for processing), not made for presentation.',
  DERIVED_OR_SECONDARY: 'The image is a secondary derivation, not an acquired radiograph.',
  OWN_OUTPUT: 'The instance was made by this node.',
  NOT_CHEST: 'The body part is not the chest.',
  LATERAL_VIEW: 'The view is not frontal.',
  MULTI_FRAME: 'The instance has more than one frame.',
  CHILD: 'The patient is younger than the model is meant for.',
  COLOR_IMAGE: 'The image is not grayscale.',
  IMPLAUSIBLE_MATRIX: 'Rows or Columns are missing, too small or too large for a radiograph.',
  NO_MODEL: 'No model is configured.',
  PATIENT_MISMATCH: 'The instance names another patient than its study.',
} as const

export type IneligibilityReason = keyof typeof INELIGIBILITY_REASONS
