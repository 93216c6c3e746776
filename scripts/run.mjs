// node scripts/run.mjs FILE.ts ARGS…: installs what is missing, then runs the TypeScript file as it is.
import { spawn } from 'node:child_process'

import { installDependencies, root } from './install-dependencies.mjs'

installDependencies()
const child = spawn(process.execPath, ['--import', 'tsx', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' })
// Ctrl-C reaches the child by itself; we wait for its end, so that the prompt does not come back before it has closed.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1)
})
