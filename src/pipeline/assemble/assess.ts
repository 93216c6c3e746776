import type { InstanceHeader } from '../../dicom/part10-header.ts'
import type { Assessment } from '../../record/register-instance.ts'
import { ineligibleBecause, type EligibilityRules } from './eligibility.ts'

export interface AssessedModel {
  readonly identity: Assessment['models'][number]
  readonly eligibility: EligibilityRules
}

/** The models that are meant for an instance, by each one's own rules; none: the reasons of the one that came nearest. */
export function assessFor(models: readonly AssessedModel[]): (instance: InstanceHeader) => Assessment {
  return (instance) => {
    const verdicts = models.map(({ identity, eligibility }) => ({
      identity,
      reasons: ineligibleBecause(instance, eligibility),
    }))
    const meant = verdicts.filter(({ reasons }) => reasons.length === 0).map(({ identity }) => identity)
    if (meant.length > 0) return { reasons: [], models: meant }
    const nearest = verdicts.toSorted((one, other) => one.reasons.length - other.reasons.length)[0]
    return { reasons: nearest?.reasons ?? ['NO_MODEL'], models: [] }
  }
}
