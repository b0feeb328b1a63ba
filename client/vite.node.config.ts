// Builds the SDK for Node: client/src/index.ts with all that is ours → client/dist/node/joinleaf.js. Its dependencies stay
// imports, so that socket.io-client is Node's own edition, which brings the websocket that Node 20 has not.

import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: here('.'),
  publicDir: false,
  cacheDir: here('dist/.vite'),
  ssr: { noExternal: [/^@joinleaf\//], resolve: { conditions: ['source'] } },
  build: {
    ssr: here('src/index.ts'),
    target: 'node20',
    outDir: here('dist/node'),
    emptyOutDir: true,
    sourcemap: true,
    rolldownOptions: { output: { entryFileNames: 'joinleaf.js' } },
  },
})
