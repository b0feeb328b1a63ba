// A page that lives long: Chromium gives a page some 500 RTCPeerConnections that have not been let go of, and then no more.
// A page through which more links than that come and go must not notice: each is closed with its member, and nothing
// holds it.

import { expect, test } from '../fixtures.ts'

/** A tenth more than Chromium has at a time. */
const CONNECTIONS = 550
/** Guests at once: each has a link to the host and one to each other, and both ends of all of them are in the page. */
const AT_ONCE = 4

test('[D24] [K1] guests come and go until 550 connections were made in one page: every one of them is heard and answered', async ({
  openTab,
  session,
}) => {
  test.setTimeout(120_000) // Some hundred joins.
  const tab = await openTab('host and guests')
  await tab.openBare()
  const guests = await tab.evaluate(
    async ({ name, connections, atOnce }) => {
      const made = { connections: 0 }
      window.RTCPeerConnection = class extends RTCPeerConnection {
        constructor(configuration?: RTCConfiguration) {
          super(configuration)
          made.connections += 1
        }
      }
      const { host, join } = window.joinleaf
      const server = location.origin
      const hosting = await host({ server, name, door: 'open' })
      hosting.on('message', (message) => void hosting.aside(message.from, message.text()))
      let guests = 0
      const comeAndGo = async (): Promise<void> => {
        while (made.connections < connections) {
          const greeting = `hello from ${guests++}`
          const guest = await join(name, { server })
          const answered = new Promise<void>((resolve, reject) => {
            guest.on('message', (message) => {
              if (message.channel === 'aside' && message.text() === greeting) resolve()
            })
            void guest.closed.then(({ name, cause }) => reject(new Error(`${greeting}: ${name}, ${cause}`)))
          })
          await guest.broadcast(greeting)
          await answered
          await guest.leave()
        }
      }
      await Promise.all(Array.from({ length: atOnce }, comeAndGo))
      await hosting.end()
      return guests
    },
    { name: session, connections: CONNECTIONS, atOnce: AT_ONCE },
  )
  expect(guests).toBeGreaterThan(CONNECTIONS / 2 / AT_ONCE)
})
