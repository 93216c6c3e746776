import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, relative, resolve } from 'node:path'

import { Command } from 'commander'

import { loadConfig } from '../config.ts'
import { storeInstances } from '../pipeline/send/stow-client.ts'
import type { Study } from '../ris/study-resource.ts'
import { demoLines } from './demo-lines.ts'
import { followStudy } from './follow-study.ts'
import { byStudy, findInstances } from './local-instances.ts'
import type { LocalInstance } from './local-instances.ts'
import { startEmbedded } from './start.ts'

interface DemoOptions {
  readonly exit?: true
  readonly files?: string
  readonly pacs?: string
}

const STUDY_LIMIT_MS = 180_000
const DEMO_FILES = resolve(import.meta.dirname, '../../demo')

/** `hilum demo`: real radiographs through the embedded profile, and what became of each. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('start the embedded profile, store radiographs as a PACS would, and show what becomes of them')
    .option('--exit', 'leave when done: with 0 when all went as it should, else with 1')
    .option('--files <folder>', 'your own DICOM files instead of the demo radiographs')
    .option('--pacs <url>', 'also send the results to this STOW-RS address')
    .action(async (options: DemoOptions) => {
      if (!(await demo(options))) process.exitCode = 1
    })
}

async function demo(options: DemoOptions): Promise<boolean> {
  const ownData = process.env['DATA_DIR']
  const dataDirectory = ownData ?? (await mkdtemp(join(tmpdir(), 'hilum-demo-')))
  console.log('Starting Hilum (embedded profile) …')
  const config = loadConfig({
    LOG_LEVEL: 'warn',
    HTTP_PORT: '0',
    ...process.env,
    DATABASE_URL: '',
    REDIS_URL: '',
    DATA_DIR: dataDirectory,
    ...(options.pacs === undefined ? {} : { PACS_STOW_URL: options.pacs }),
  })
  const node = await startEmbedded(config)
  try {
    console.log(`Hilum is ready at ${node.url}`)
    const wentWell = await show({ node: node.url, quietMs: config.assemble.studyQuietMs, ...options })
    console.log(wentWell ? '\nAll went as it should.' : '\nNot all went as it should: see above.')
    if (options.exit !== true) await stayUp(node.url)
    return wentWell
  } finally {
    await node.close()
    if (ownData === undefined) await rm(dataDirectory, { recursive: true, force: true })
  }
}

interface Shown extends DemoOptions {
  readonly node: string
  readonly quietMs: number
}

/** Sends, follows and prints everything; true when it went as it should. */
async function show(options: Shown): Promise<boolean> {
  const { instances, unreadable } = await findInstances([options.files ?? DEMO_FILES])
  for (const { path, reason } of unreadable) console.log(`Not sent, ${path}: ${reason}`)
  const studies = [...byStudy(instances).entries()]
  const finished = await Promise.all(studies.map(([uid, files]) => showStudy(options, uid, files)))
  const states = new Set(finished.map((study) => study?.state))
  const isComplete = finished.length > 0 && finished.every((study) => study !== undefined && isGood(study))
  // The demo files hold two chest studies and one that is out of scope: silence about either is a failure.
  return isComplete && (options.files !== undefined || (states.has('NOT_ELIGIBLE') && states.size > 1))
}

async function showStudy(
  { node, quietMs, pacs }: Shown,
  studyInstanceUid: string,
  files: readonly LocalInstance[],
): Promise<Study | undefined> {
  const names = files.map(({ path }) => basename(path)).join(', ')
  const destination = { name: 'hilum', stowUrl: new URL('/dicom-web/studies', node), confirm: false }
  const outcomes = await storeInstances(destination, files, AbortSignal.timeout(STUDY_LIMIT_MS))
  for (const { path, sopInstanceUid } of files) {
    const outcome = outcomes.get(sopInstanceUid)
    if (outcome?.kind !== 'stored') console.log(`${basename(path)}: not accepted: ${outcome?.reason ?? 'no outcome'}`)
  }
  const study = await followStudy(node, studyInstanceUid, {
    deliveries: pacs !== undefined,
    limitMs: STUDY_LIMIT_MS,
    onChange: (text) => console.log(`  ${names}: ${text}`),
  })
  if (study === undefined) {
    console.log(`${names}: the study is not known to the node`)
    return undefined
  }
  const fileOf = new Map(files.map(({ path, sopInstanceUid }) => [sopInstanceUid, relative('.', path)]))
  const pictureOf = await savePictures(node, study)
  console.log(demoLines({ study, quietMs, fileOf, pictureOf, node }).join('\n'))
  return study
}

async function savePictures(node: string, study: Study): Promise<Map<string, { path: string; address: string }>> {
  const folder = resolve('data/demo')
  await mkdir(folder, { recursive: true })
  const pictures = new Map<string, { path: string; address: string }>()
  for (const { sopInstanceUid, eligible } of study.instances) {
    if (!eligible) continue
    const address = new URL(`/v1/studies/${study.studyInstanceUid}/instances/${sopInstanceUid}/overlay.png`, node).href
    const response = await fetch(address)
    if (!response.ok) continue
    const path = join(folder, `${sopInstanceUid}.png`)
    await writeFile(path, Buffer.from(await response.arrayBuffer()))
    pictures.set(sopInstanceUid, { path: relative('.', path), address })
  }
  return pictures
}

function isGood({ state, instances, results, deliveries }: Study): boolean {
  if (state === 'NOT_ELIGIBLE') return instances.every(({ reasons }) => reasons.length > 0)
  const isReported = state === 'REPORTED' && results.some(({ kind }) => kind === 'SR')
  return isReported && deliveries.every((delivery) => delivery.state === 'DELIVERED')
}

async function stayUp(node: string): Promise<void> {
  console.log(`
Look around while it is up:
  studies and results    ${new URL('/v1/studies', node).href}
  a DICOMweb viewer      ${new URL('/dicom-web', node).href} (QIDO-RS, WADO-RS)
  send your own          npx tsx src/main.ts send FILES --to ${new URL('/dicom-web/studies', node).href}
Ctrl-C ends it.`)
  const stop = new AbortController()
  await Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal, { signal: stop.signal })))
  stop.abort()
  console.log('Closing …')
}
