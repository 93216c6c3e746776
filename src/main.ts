#!/usr/bin/env node
import { Command } from 'commander'
import { demoCommand } from './commands/demo.ts'
import { doctorCommand } from './commands/doctor.ts'
import { inferCommand } from './commands/infer.ts'
import { modelCommand } from './commands/model.ts'
import { sendCommand } from './commands/send.ts'
import { apiCommand, startCommand, workerCommand } from './commands/start.ts'
import { VERSION } from './version.ts'

const program = new Command('hilum').description('DICOMweb AI node for chest radiographs').version(VERSION)
const commands = [
  startCommand,
  apiCommand,
  workerCommand,
  demoCommand,
  sendCommand,
  inferCommand,
  modelCommand,
  doctorCommand,
]
for (const command of commands) program.addCommand(command())

try {
  await program.parseAsync()
} catch (error) {
  console.error(`hilum: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
