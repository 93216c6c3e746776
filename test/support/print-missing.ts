// Prints a line for everything that the tests could use and is not here: why tests were skipped.
import { findProgram, peerMissing } from './peer-missing.ts'
import { SHARED_MISSING, sharedFolder } from './shared.ts'

const programs = ['dciodvfy', 'dcmdump', 'dsrdump', 'java', 'chromium', 'python3']
const reasons = [
  ...(['orthanc', 'redis', 'postgres'] as const).map(peerMissing),
  sharedFolder() === undefined ? SHARED_MISSING : undefined,
  ...programs.map((name) => (findProgram(name) === undefined ? `${name} is not installed` : undefined)),
]
for (const reason of reasons) if (reason !== undefined) console.log(reason)
