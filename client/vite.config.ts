// Builds the web page: /index.html at the top of the repository, whose module script is /client/page/main.tsx →
// client/dist/page. In development the same page is served from its sources, and control messages go on to the
// signaling server (npm run dev starts both).

import { fileURLToPath } from 'node:url'
import { defaultClientConditions, defineConfig } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const signalingServer = `http://localhost:${process.env['PORT'] ?? '8080'}`

export default defineConfig({
  root: here('..'),
  base: './',
  publicDir: false,
  cacheDir: here('dist/.vite'),
  resolve: { conditions: ['source', ...defaultClientConditions] },
  server: { proxy: { '/socket.io': { target: signalingServer, ws: true } } },
  build: {
    target: 'es2022',
    outDir: here('dist/page'),
    emptyOutDir: true,
    sourcemap: true,
    modulePreload: { polyfill: false },
  },
})
