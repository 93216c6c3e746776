// node scripts/run.mjs FILE ARGS…: installs what is missing, then runs a TypeScript file as it is, or one of dist/
// after building it; the benchmarks start what is built.
import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'

import { installDependencies, root } from './install-dependencies.mjs'

installDependencies()
const [file] = process.argv.slice(2)
const isBuilt = file?.startsWith('dist/') === true
if (isBuilt || file?.startsWith('bench/') === true) build()
const loader = isBuilt ? [] : ['--import', 'tsx']
const child = spawn(process.execPath, [...loader, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' })
// Ctrl-C reaches the child by itself; we wait for its end, so that the prompt does not come back before it has closed.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
// npm's own SIGTERM ends its shell and not us: without this the node would run on as an orphan that holds the data.
const parent = process.ppid
if (process.env.npm_lifecycle_event !== undefined)
  setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 500).unref()
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1)
})

function build() {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0) process.exit(1)
}
