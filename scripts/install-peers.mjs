import { spawnSync } from 'node:child_process'

// What the tests compare with and store into; each is skipped with its reason where it is missing.
const PACKAGES = [
  ...['orthanc', 'orthanc-dicomweb', 'redis-server', 'postgresql', 'dcmtk', 'dicom3tools', 'pixelmed-apps'],
  ...['libpixelmed-java', 'default-jre-headless', 'python3-pydicom', 'python3-numpy', 'python3-gdcm', 'chromium'],
]

/** Installs missing peers with apt-get, where that is allowed. Gives the reasons for what stays missing. */
export function installPeers() {
  if (run('dpkg-query', ['--version']).status !== 0) return ['no Debian: peers are not installed by this script']
  const missing = PACKAGES.filter((name) => !isInstalled(name))
  if (missing.length === 0) return []
  if (process.getuid?.() !== 0) return [`not root, so not installed: ${missing.join(' ')}`]
  console.log(`Installing from Debian: ${missing.join(' ')}`)
  const started = Date.now()
  run('apt-get', ['update', '-qq'])
  // All at once, and one by one if that fails: one missing package must not cost the others.
  if (install(missing) !== 0) missing.forEach((name) => install([name]))
  console.log(`apt-get took ${Math.round((Date.now() - started) / 1000)} s.`)
  const left = missing.filter((name) => !isInstalled(name))
  return left.length === 0 ? [] : [`apt-get could not install: ${left.join(' ')}`]
}

function install(names) {
  const { status } = run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names])
  return status
}

function isInstalled(name) {
  return run('dpkg-query', ['-W', '-f', '${db:Status-Status}', name]).stdout?.toString() === 'installed'
}

function run(command, args) {
  // RUNLEVEL=1 keeps Debian's scripts from starting the servers that they install: the tests start their own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  return spawnSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env, maxBuffer: 64 * 1024 * 1024 })
}
