export { unusedPort as freePort } from '../../src/commands/unused-port.ts'
