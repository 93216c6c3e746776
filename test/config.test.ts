import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigError, loadConfig } from '../src/config.ts'

const file = async (name: string, text: string): Promise<string> => {
  const path = join(await mkdtemp(join(tmpdir(), 'hilum-config-')), name)
  await writeFile(path, text)
  return path
}

test('nothing configured is the embedded profile on loopback without a PACS', () => {
  const config = loadConfig({})

  expect(config.profile).toEqual({ kind: 'embedded' })
  expect(config.http).toMatchObject({ host: '127.0.0.1', port: 8080 })
  expect(config.send.destinations).toEqual([])
})

test.each([
  { env: { HTTP_PORT: '99999' }, says: 'HTTP_PORT: must be <= 65535' },
  { env: { HTTP_PORT: 'many' }, says: 'HTTP_PORT: must be integer' },
  { env: { STUDY_QUIET_MS: '-1' }, says: 'STUDY_QUIET_MS: must be >= 0' },
  {
    env: { EXECUTION_PROVIDER: 'gpu' },
    says: 'EXECUTION_PROVIDER: must be equal to one of the allowed values ("cpu", "cuda"',
  },
  { env: { PACS_STOW_URL: 'ftp://pacs' }, says: 'PACS_STOW_URL: ' },
  { env: { PACS_STOW_URL: 'http://[pacs' }, says: 'PACS_STOW_URL: ' },
  { env: { PUBLIC_URL: 'http://:80' }, says: 'PUBLIC_URL: ' },
  { env: { REDIS_URL: 'redis://localhost' }, says: 'DATABASE_URL: ' },
  { env: { DATABASE_URL: 'postgres://localhost/hilum' }, says: 'REDIS_URL: ' },
  { env: { HTTP_HOST: '0.0.0.0' }, says: 'AUTH_TOKEN_FILE: ' },
  { env: { AUTH_TOKEN_FILE: '/nowhere' }, says: 'AUTH_TOKEN_FILE: ' },
  { env: { CONFIG_FILE: '/nowhere.yaml' }, says: 'CONFIG_FILE: ' },
])('a wrong value stops the start with its name: $says', ({ env, says }) => {
  expect(() => loadConfig(env)).toThrow(ConfigError)
  expect(() => loadConfig(env)).toThrow(says)
})

test('a YAML file sets what the environment does not', async () => {
  const path = await file('hilum.yaml', 'HTTP_PORT: 9000\nSTUDY_QUIET_MS: 100\n')

  const config = loadConfig({ CONFIG_FILE: path, STUDY_QUIET_MS: '200' })

  expect(config.http.port).toBe(9000)
  expect(config.assemble.studyQuietMs).toBe(200)
})

test('a name in the file that is no setting stops the start', async () => {
  const path = await file('hilum.yaml', 'HTTP_PROT: 9000\n')

  expect(() => loadConfig({ CONFIG_FILE: path })).toThrow('HTTP_PROT: no such setting')
})

test('any interface is allowed once a token is set', async () => {
  const path = await file('token', 'secret\n')

  const config = loadConfig({ HTTP_HOST: '0.0.0.0', AUTH_TOKEN_FILE: path })

  expect(config.http).toMatchObject({ host: '0.0.0.0', token: 'secret' })
})

test('the public address is one of the DICOMweb root below it', () => {
  expect(loadConfig({ PUBLIC_URL: 'https://ai.hospital/hilum' }).http.publicUrl?.href).toBe(
    'https://ai.hospital/hilum/dicom-web',
  )
})
