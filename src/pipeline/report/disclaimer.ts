import type { ReportModel } from './report-input.ts'

/** One model that is research only makes the whole object research only (in doubt RESEARCH, PS3.3 C.8.13.2.1). */
function isResearch(models: readonly Pick<ReportModel, 'status'>[]): boolean {
  return models.some(({ status }) => status !== 'PRODUCT')
}

/** At most 64 characters: Series Description is LO. */
export function seriesDescription(kind: 'SR' | 'GSPS', models: readonly ReportModel[]): string {
  const what = kind === 'SR' ? 'AI findings' : 'AI overlay'
  return isResearch(models) ? `${what} - RESEARCH, NOT FOR DIAGNOSTIC USE` : `${what} - not verified by a physician`
}

/** The sentence in the SR's comment. */
export function disclaimer(models: readonly ReportModel[]): string {
  return isResearch(models)
    ? 'AI result, not for diagnostic use. RESEARCH - NOT FOR DIAGNOSTIC USE. Not verified by a physician.'
    : 'AI result, not verified by a physician. It does not replace the reading of the image.'
}

/** The line at the foot of every picture: whose it is, and that it is not a read report. */
export function footerText(models: readonly Pick<ReportModel, 'name' | 'version' | 'status'>[]): string {
  const names = models.map(({ name, version }) => `${name} ${version}`).join(', ')
  const status = isResearch(models) ? 'RESEARCH - NOT FOR DIAGNOSTIC USE' : 'not verified by a physician'
  return `AI: ${names} - ${status} - unverified, not a read report`
}
