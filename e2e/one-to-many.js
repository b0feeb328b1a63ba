// One sender and so many receivers in this process: gathers them, sends one message, and prints as JSON how many
// connections stand, which ways the roster shows, and who heard it. `node one-to-many.js <server> <name> <receivers>`.

import { gatherCrowd } from './node-crowd.js'

const [server = '', name = '', receivers = '0'] = process.argv.slice(2)
const { host, guests, connections } = await gatherCrowd({ server, name, guests: Number(receivers), role: 'receiver' })

const heard = guests.map((guest) => new Promise((resolve) => guest.on('message', (message) => resolve(message.text()))))
await host.broadcast('to all of you')
const texts = await Promise.all(heard)

/** @param {import('joinleaf').Session} session */
const ways = ({ members }) => ({
  direct: members.filter(({ path, isSelf }) => !isSelf && path === 'direct').length,
  none: members.filter(({ path, isSelf }) => !isSelf && path === 'none').length,
})
const outcome = { connections: connections(), host: ways(host), guests: guests.map(ways), texts }
process.stdout.write(JSON.stringify(outcome), () => process.exit())
