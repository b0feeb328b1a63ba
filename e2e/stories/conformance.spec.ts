// The conformance scripts in real tabs, against the real server: the same scripts that e2e/conformance/simulated.test.ts
// plays without either (decision 0012). Each worker keeps a few tabs for all of its scripts.

import { test as base } from '../fixtures.ts'
import { scripts } from '../conformance/scripts/index.ts'
import { SharedTabs, TabsWorld } from '../conformance/tabs-world.ts'

const test = base.extend<{ world: TabsWorld }, { tabs: SharedTabs }>({
  tabs: [
    async ({ browser, workerServer }, use) => {
      const tabs = new SharedTabs(browser, workerServer)
      await use(tabs)
      await tabs.close()
    },
    { scope: 'worker' },
  ],

  // The server's complaints are this script's, too.
  world: async ({ tabs, session, server: _server }, use) => {
    await use(new TabsWorld(tabs, session))
    const complaints = await tabs.clear()
    if (complaints.length > 0) throw new Error(`a page complained:\n  ${complaints.join('\n  ')}`)
  },
})

// One script knows nothing of another: any worker may play it.
test.describe.configure({ mode: 'parallel' })

for (const script of scripts.filter(({ simulatedOnly }) => simulatedOnly === null)) {
  test(script.title, ({ world }) => script.run(world))
}
