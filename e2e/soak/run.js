// Starts the soak; arguments are passed on: `npm run soak -- --seed 7 --minutes 1`. Soaks what is built; `npm run soak`
// builds first.

import { fileURLToPath } from 'node:url'
import { start } from '../start.js'

const entry = fileURLToPath(new URL('soak.ts', import.meta.url))
await start(entry, (/** @type {typeof import('./soak.ts')} */ { soak }) => soak)
