// `npm run diagrams`: has the machines draw themselves, and writes the pictures to their places in shared/SPEC.md. What is
// drawn, and how, is in shared/src/sim/diagrams; e2e/tidy/diagrams.test.ts fails when the text is out of date.

import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { outdated, pictures, redrawn } from '@joinleaf/shared/sim'

const PATH = fileURLToPath(new URL('../shared/SPEC.md', import.meta.url))

const drawn = pictures()
const text = readFileSync(PATH, 'utf8')
for (const what of outdated(text, drawn)) console.log(what)
writeFileSync(PATH, redrawn(text, drawn))
