import type { Finding } from '../localize/finding.ts'

/** The words beside a region; a weakly localized one says so. ASCII, as viewers vary in fonts. */
export function regionLabel({ label, score, region }: Finding): string {
  const percent = `${Math.round(score * 100)}%`
  return region?.method === 'weakly-localized' ? `${label} ${percent} (weak)` : `${label} ${percent}`
}
