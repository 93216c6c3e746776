import { Command } from 'commander'

import type { Destination } from '../pipeline/send/destination.ts'
import { storeInstances } from '../pipeline/send/stow-client.ts'
import type { StoreOutcome } from '../pipeline/send/store-outcome.ts'
import { byStudy, findInstances } from './local-instances.ts'
import type { LocalInstance } from './local-instances.ts'

interface SendOptions {
  readonly to: string
  readonly batch?: true
  readonly token?: string
}

/** `hilum send`: stores files by STOW-RS, says what became of each instance; exit code 1 when any was not stored. */
export function sendCommand(): Command {
  return new Command('send')
    .description('store DICOM files by STOW-RS; the exit code is 1 when any instance was not stored')
    .argument('<files...>', 'files, or folders with files')
    .requiredOption('--to <url>', 'the /studies resource of the destination, or the base address above it')
    .option('--batch', 'one request a study instead of one an instance')
    .option('--token <token>', 'bearer token (a user and password may stand in the address)')
    .action(async (files: string[], options: SendOptions) => {
      if (!(await send(files, options))) process.exitCode = 1
    })
}

async function send(paths: readonly string[], options: SendOptions): Promise<boolean> {
  const { instances, unreadable } = await findInstances(paths)
  const destination: Destination = {
    name: 'destination',
    stowUrl: new URL(options.to),
    ...(options.token === undefined ? {} : { authorization: { kind: 'bearer', token: options.token } }),
  }
  const groups = options.batch === true ? [...byStudy(instances).values()] : instances.map((instance) => [instance])
  let stored = 0
  for (const { path, reason } of unreadable) console.log(`unreadable   ${path}: ${reason}`)
  for (const group of groups) {
    const outcomes = await storeInstances(destination, group, AbortSignal.timeout(10 * 60_000))
    for (const instance of group) {
      const outcome = outcomes.get(instance.sopInstanceUid)
      if (outcome?.kind === 'stored') stored += 1
      console.log(line(instance, outcome))
    }
  }
  console.log(`${stored} of ${instances.length + unreadable.length} stored`)
  return stored === instances.length && unreadable.length === 0
}

function line({ path, sopInstanceUid }: LocalInstance, outcome: StoreOutcome | undefined): string {
  switch (outcome?.kind) {
    case 'stored':
      return `stored       ${path}  ${sopInstanceUid}${outcome.warning === undefined ? '' : ` (${outcome.warning})`}`
    case 'refused':
      return `refused      ${path}  ${sopInstanceUid}: ${outcome.reason}`
    case 'unavailable':
      return `unavailable  ${path}  ${sopInstanceUid}: ${outcome.reason}`
    case undefined:
      return `no outcome   ${path}  ${sopInstanceUid}`
  }
}
