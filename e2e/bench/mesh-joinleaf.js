// joinleaf's part of the mesh bench: a host and n − 1 guests in this process, everybody admitted, until everybody has a
// direct link to everybody. `node --expose-gc mesh-joinleaf.js <server> <name> <n>`; prints `{ mesh, memory }`.

import { gatherCrowd } from '../node-crowd.js'
import { printed } from './mesh-result.js'

const [server = '', name = '', n = '0'] = process.argv.slice(2)
const start = performance.now()
await gatherCrowd({ server, name, guests: Number(n) - 1, role: 'both' })
printed(performance.now() - start)
