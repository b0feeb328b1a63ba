// The page in which the link contract runs on real WebRTC, both ends in one page, and on the fake beside it: a browser
// test bundles this file, opens it and calls `runLinkContract`. Knows no test runner. Rows: those of link-contract.ts.

import { FakeLinks } from './fake-link.ts'
import { runLinkContract } from './link-contract.ts'
import { simplePeerLinks } from './simple-peer-link.ts'

declare global {
  interface Window {
    runLinkContract(): Promise<readonly { readonly title: string; readonly error: string | null }[]>
  }
}

window.runLinkContract = async () => {
  const ports = { 'simple-peer': simplePeerLinks({ iceServers: [] }), fake: new FakeLinks() }
  const results = []
  for (const [name, port] of Object.entries(ports)) {
    for (const { title, error } of await runLinkContract(port)) results.push({ title: `${title} (${name})`, error })
  }
  return results
}
