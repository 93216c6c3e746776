// npm test: installs what is missing, checks everything, and closes with one line of counts.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { installDependencies, npm, root } from './install-dependencies.mjs'
import { installPeers } from './install-peers.mjs'

installDependencies()
const said = installPeers()
const output = join(root, 'test-output')
const report = join(output, 'vitest.json')
mkdirSync(output, { recursive: true })
rmSync(report, { force: true })

const failedChecks = ['typecheck', 'lint', 'format:check', 'unused'].filter((name) => !passes(name))
if (!auditPasses()) failedChecks.push('audit')

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
const { status } = step('tests', process.execPath, [vitest, 'run', ...reporters, ...process.argv.slice(2)])
close(status ?? 1)

function passes(name) {
  const started = Date.now()
  const { status: code } = npm(['run', '--silent', name], { stdio: ['ignore', 1, 2] })
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds(started)} s)`)
  return code === 0
}

/** Known flaws of what is delivered. A registry that cannot be asked is said, and is no failure. */
function auditPasses() {
  const { stdout } = npm(['audit', '--omit=dev', '--json'], { stdio: ['ignore', 'pipe', 'ignore'] })
  const found = parsed(stdout.toString())?.metadata?.vulnerabilities
  if (found === undefined) {
    said.push('npm audit: the registry gave no answer, so it was left out')
    return true
  }
  console.log(`${found.total === 0 ? 'ok    ' : 'FAILED'} audit (${found.total} known flaws in what is delivered)`)
  return found.total === 0
}

function step(name, command, args) {
  const started = Date.now()
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  console.log(`${name} took ${seconds(started)} s`)
  return result
}

/** The last line counts tests; checks and test files that failed as a whole count as one failure each. */
function close(code) {
  const results = existsSync(report) ? parsed(readFileSync(report, 'utf8')) : undefined
  const files = results?.testResults ?? []
  const tests = files.flatMap((file) => file.assertionResults)
  const count = (...states) => tests.filter((it) => states.includes(it.status)).length
  const brokenFiles = files.filter((it) => it.status === 'failed' && !it.assertionResults.some(isFailed)).length
  const wholes = failedChecks.length + brokenFiles
  const unexplained = code !== 0 && count('failed') + wholes === 0 ? 1 : 0
  const failed = count('failed') + wholes + unexplained
  const skipped = tests.filter((it) => ['pending', 'skipped', 'todo', 'disabled'].includes(it.status))

  for (const reason of said) console.log(`Note: ${reason}`)
  if (skipped.length > 0) console.log(`Skipped, since not everything is here:\n${missing()}`)
  for (const { fullName } of skipped) console.log(`  - ${fullName}`)
  if (failedChecks.length > 0) console.log(`Failed checks: ${failedChecks.join(', ')}`)
  const line = `tests: ${count('passed')} passed, ${failed} failed, ${skipped.length} skipped`
  writeFileSync(join(output, 'closing-line.txt'), `${line}\n`)
  console.log(line)
  process.exitCode = failed === 0 && code === 0 ? 0 : 1
}

function isFailed({ status: state }) {
  return state === 'failed'
}

/** What is not here that tests could use, a line each. */
function missing() {
  const printer = join(root, 'test', 'support', 'print-missing.ts')
  const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', printer], { cwd: root })
  return stdout
    .toString()
    .replaceAll(/^(?=.)/gm, '  because: ')
    .trimEnd()
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function seconds(started) {
  return ((Date.now() - started) / 1000).toFixed(1)
}
