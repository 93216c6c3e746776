import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import type { Finding } from '../../../src/pipeline/localize/finding.ts'
import { makeRadiograph } from '../../support/radiograph.ts'
import { withTinyModel } from '../../support/tiny-model.ts'

const ROOT = join(import.meta.dirname, '../../..')
const CHROMIUM = '/usr/lib/chromium'
const ICD = join(CHROMIUM, 'vk_swiftshader_icd.json')
const missing = existsSync(ICD) ? undefined : 'chromium with SwiftShader is not installed: webgpu is not run'

const folder = mkdtempSync(join(tmpdir(), 'hilum-webgpu-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'image.dcm')
writeFileSync(file, makeRadiograph({ Rows: 160, Columns: 128 }).bytes)

interface Said {
  readonly provider: string
  readonly findings: readonly Finding[]
}

/** In a process of its own: the Vulkan loader reads the environment once, when the process starts. */
async function findingsOn(provider: string, directory: string, image: string): Promise<Said> {
  const script = join(import.meta.dirname, '../../support/analyse-once.ts')
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', script, directory, image, provider],
    {
      env: { ...process.env, VK_ICD_FILENAMES: ICD, LD_LIBRARY_PATH: CHROMIUM },
    },
  )
  return JSON.parse(stdout) as Said
}

test.skipIf(missing !== undefined)(`webgpu, in software, finds what the CPU finds ${missing ?? ''}`, async () => {
  await withTinyModel({}, async (directory) => {
    const cpu = await findingsOn('cpu', directory, file)
    const gpu = await findingsOn('webgpu', directory, file)

    expect(gpu).toEqual({ ...cpu, provider: 'webgpu' })
  })
})

test.skipIf(missing !== undefined)(
  `the default model's findings are the same on webgpu ${missing ?? ''}`,
  async () => {
    const directory = join(ROOT, 'models/hilum-opacity')
    const radiograph = join(ROOT, 'demo/chest-half-jpegls.dcm')
    const cpu = await findingsOn('cpu', directory, radiograph)
    const gpu = await findingsOn('webgpu', directory, radiograph)

    const places = ({ findings }: Said) => findings.map(({ label, region }) => [label, region?.method])
    expect(gpu.provider).toBe('webgpu')
    expect(places(gpu)).toEqual(places(cpu))
    for (const [i, { score, region }] of cpu.findings.entries()) {
      // The last of three decimals, and a tenth of a pixel, may round to the other side.
      expect(Math.abs((gpu.findings[i]?.score ?? 0) - score)).toBeLessThan(0.0015)
      expect(Math.abs((gpu.findings[i]?.region?.box.left ?? 0) - (region?.box.left ?? 0))).toBeLessThan(0.15)
    }
  },
  500_000,
)
