import { text } from '../../dicom/attributes.ts'
import type { Dataset } from '../../dicom/dataset.ts'

const YEARS_PER: Readonly<Record<string, number>> = { D: 1 / 365.25, W: 7 / 365.25, M: 1 / 12, Y: 1 }

/** The patient's age in years: Patient Age (PS3.5 AS; a bare number is years), else from birth and study date. */
export function ageYears(dataset: Dataset): number | undefined {
  const [, digits, unit] = /^(\d{1,3})([DWMY])?$/.exec(text(dataset, 'PatientAge') ?? '') ?? []
  if (digits !== undefined) return Number(digits) * (YEARS_PER[unit ?? 'Y'] ?? 1)
  const birth = day(text(dataset, 'PatientBirthDate'))
  const study = day(text(dataset, 'StudyDate') ?? text(dataset, 'AcquisitionDate') ?? text(dataset, 'ContentDate'))
  if (birth === undefined || study === undefined || study < birth) return undefined
  return (study - birth) / (365.25 * 24 * 3600 * 1000)
}

function day(date: string | undefined): number | undefined {
  const [, year, month, dayOfMonth] = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(date ?? '') ?? []
  return year === undefined ? undefined : Date.UTC(Number(year), Number(month) - 1, Number(dayOfMonth))
}
