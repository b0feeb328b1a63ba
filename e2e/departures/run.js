// Starts the departures run; arguments are passed on: `npm run departures -- --times 5 --only 'tab closed'`. Plays what is
// built; `npm run departures` builds first.

import { fileURLToPath } from 'node:url'
import { start } from '../start.js'

const entry = fileURLToPath(new URL('departures.ts', import.meta.url))
await start(entry, (/** @type {typeof import('./departures.ts')} */ { departures }) => departures)
