import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { sharedPath } from './shared.ts'

const run = promisify(execFile)

/**
 * What the independent judges of the shared folder complain of in result objects, `image` being their radiograph in
 * an uncompressed transfer syntax (dcmtk's dcmp2pgm reads no JPEG-LS or JPEG 2000).
 *
 * A value copied from the radiograph is copied as it is, so dciodvfy says of the result what it says of its source:
 * such complaints are left out.
 */
export async function complaintsOfJudges(image: string, objects: readonly string[]): Promise<readonly string[]> {
  const judged = await outputOf(sharedPath('tools', 'judge.sh'), [image, ...objects])
  const own = await outputOf('dciodvfy', ['-new', image])
  const complaints = judged.split('\n').filter((line) => /^(FAIL| {7})/.test(line))
  const left = complaints.filter((line) => !own.includes(line.trim()))
  // A FAIL whose every complaint was the source's own is none.
  return left.filter(
    (line, i) => !line.startsWith('FAIL') || left[i + 1]?.startsWith(' ') === true || !line.includes('dciodvfy'),
  )
}

/** Both streams, whatever the exit code: the judges say by it that they found something. */
async function outputOf(command: string, args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(command, [...args], { maxBuffer: 64 * 1024 * 1024 }).catch(
    (failure: { stdout: string; stderr: string }) => failure,
  )
  return `${stdout}\n${stderr}`
}
