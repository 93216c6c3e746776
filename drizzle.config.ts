import { defineConfig } from 'drizzle-kit'

export default defineConfig({ dialect: 'postgresql', schema: './src/record/schema.ts', out: './src/record/migrations' })
