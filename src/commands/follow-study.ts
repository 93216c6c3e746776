import { setTimeout as delay } from 'node:timers/promises'

import type { Study } from '../ris/study-resource.ts'
import { fetchStudy, isDelivered } from './fetch-study.ts'

/**
 * Polls a study until it is finished: reported (and delivered, where `deliveries` asks for it), refused or failed.
 * Gives undefined when `limitMs` ends first and the study is not known at all; else the last that was seen.
 */
export async function followStudy(
  node: string,
  studyInstanceUid: string,
  options: { readonly deliveries: boolean; readonly limitMs: number; readonly onChange: (text: string) => void },
): Promise<Study | undefined> {
  const until = Date.now() + options.limitMs
  let seen = ''
  let study: Study | undefined
  do {
    study = await fetchStudy(node, studyInstanceUid)
    const text = study === undefined ? '' : progress(study)
    if (text !== seen) options.onChange(text)
    seen = text
    if (study !== undefined && isFinished(study, options.deliveries)) return study
    await delay(100)
  } while (Date.now() < until)
  return study
}

function isFinished(study: Study, deliveries: boolean): boolean {
  if (study.state === 'NOT_ELIGIBLE' || study.state === 'FAILED') return true
  return deliveries ? isDelivered(study) : study.state === 'REPORTED'
}

function progress({ state, instances, results, deliveries }: Study): string {
  const analyses = instances.flatMap((instance) => instance.analyses)
  const done = analyses.filter((analysis) => analysis.finishedAt !== null).length
  const counts = [
    `${instances.length} image(s)`,
    ...(analyses.length === 0 ? [] : [`${done} of ${analyses.length} analyses`]),
    ...(results.length === 0 ? [] : [`${results.length} result(s)`]),
    ...(deliveries.length === 0 ? [] : [`${deliveries.length} deliveries`]),
  ]
  return `${state.toLowerCase().replace('_', ' ')}: ${counts.join(', ')}`
}
