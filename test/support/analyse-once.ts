// analyse-once.ts MODEL FILE PROVIDER: prints provider and findings as JSON.
import { createInference } from '../../src/pipeline/infer/create-inference.ts'
import type { ExecutionProvider } from '../../src/pipeline/infer/execution-provider.ts'
import { loadModelPackage } from '../../src/pipeline/infer/model-package.ts'

const [directory = '', file = '', provider = 'cpu'] = process.argv.slice(2)
const modelPackage = await loadModelPackage(directory)
const inference = await createInference({
  packages: [modelPackage],
  provider: provider as ExecutionProvider,
  threads: 1,
  log: { info: () => undefined, warn: () => undefined },
})
const { provider: ran, findings } = await inference.analyse(file, modelPackage.identity.name, { all: true })
await inference.close()
console.log(JSON.stringify({ provider: ran, findings }))
