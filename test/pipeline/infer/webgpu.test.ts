import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { makeRadiograph } from '../../support/radiograph.ts'
import { withTinyModel } from '../../support/tiny-model.ts'

const CHROMIUM = '/usr/lib/chromium'
const ICD = join(CHROMIUM, 'vk_swiftshader_icd.json')
const missing = existsSync(ICD) ? undefined : 'chromium with SwiftShader is not installed: webgpu is not run'

const folder = mkdtempSync(join(tmpdir(), 'hilum-webgpu-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'image.dcm')
writeFileSync(file, makeRadiograph({ Rows: 160, Columns: 128 }).bytes)

/** In a process of its own: the Vulkan loader reads the environment once, when the process starts. */
async function findingsOn(provider: string, directory: string): Promise<unknown> {
  const script = join(import.meta.dirname, '../../support/analyse-once.ts')
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', script, directory, file, provider],
    {
      env: { ...process.env, VK_ICD_FILENAMES: ICD, LD_LIBRARY_PATH: CHROMIUM },
    },
  )
  return JSON.parse(stdout)
}

test.skipIf(missing !== undefined)(`webgpu, in software, finds what the CPU finds ${missing ?? ''}`, async () => {
  await withTinyModel({}, async (directory) => {
    const cpu = await findingsOn('cpu', directory)
    const gpu = await findingsOn('webgpu', directory)

    expect(gpu).toEqual({ ...(cpu as object), provider: 'webgpu' })
  })
})
