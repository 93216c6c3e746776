// Plain JavaScript without dependencies: it runs before there are any.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '..')

/** Runs `npm ci` when node_modules is missing or is not what package-lock.json says. */
export function installDependencies() {
  const why = staleBecause()
  if (why === undefined) return
  console.log(`Installing dependencies (npm ci): ${why}. This takes a minute the first time.`)
  const started = Date.now()
  const { status } = npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'], { stdio: ['ignore', 2, 2] })
  if (status !== 0) {
    console.error('npm ci failed; nothing can run without the dependencies.')
    process.exit(1)
  }
  console.log(`Dependencies installed in ${Math.round((Date.now() - started) / 1000)} s.`)
}

/** Runs npm: the one that runs us, where it says so. */
export function npm(args, options) {
  const cli = process.env.npm_execpath
  return cli !== undefined && cli.endsWith('.js')
    ? spawnSync(process.execPath, [cli, ...args], { cwd: root, ...options })
    : spawnSync('npm', args, { cwd: root, shell: process.platform === 'win32', ...options })
}

function staleBecause() {
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installed)) return 'node_modules is missing'
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const present = JSON.parse(readFileSync(installed, 'utf8')).packages
  const differs = Object.entries(wanted).find(
    ([path, { version, optional }]) =>
      path !== '' && version !== present[path]?.version && !(optional && present[path] === undefined),
  )
  return differs === undefined ? undefined : `${differs[0].replace('node_modules/', '')} is not as the lock file says`
}
