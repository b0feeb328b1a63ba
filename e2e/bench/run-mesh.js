// Starts the mesh bench, which needs no browser: `npm run bench:mesh -- --n 10,20 --runs 5`. Measures what is built;
// the npm script builds first.

import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'

const entry = fileURLToPath(new URL('mesh.ts', import.meta.url))
/** @type {{ readonly module: typeof import('./mesh.ts') }} */
const { module } = await runnerImport(entry, { configFile: false, logLevel: 'warn' })
await module.benchMesh(process.argv.slice(2))
// PeerJS's server, which the bench's servers bring along, leaves timers behind that nobody can stop.
process.exit()
