// Builds the SDK: client/src/index.ts and all it needs → client/dist/sdk/joinleaf.js, one ES module that a bare page
// imports as it is. What the source imports lazily (the simple-peer bundle) becomes a chunk of its own beside it.
// Library mode spares a page Vite's own preload wrapper; it also leaves ES modules half minified, hence output.minify.

import { fileURLToPath } from 'node:url'
import { defaultClientConditions, defineConfig } from 'vite'

/**
 * For V8: compile every function while the script is loaded, off the main thread, and not each when it is first called. All of
 * a join is first calls, and a third of what it cost its page was compiling [decision 0026]. A comment to other engines.
 */
const COMPILE_EAGERLY = '//# allFunctionsCalledOnLoad'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: here('.'),
  publicDir: false,
  cacheDir: here('dist/.vite'),
  resolve: { conditions: ['source', ...defaultClientConditions] },
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    target: 'es2022',
    outDir: here('dist/sdk'),
    emptyOutDir: true,
    sourcemap: true,
    lib: { entry: here('src/index.ts'), formats: ['es'], fileName: () => 'joinleaf.js' },
    rolldownOptions: { output: { minify: true, chunkFileNames: '[name]-[hash].js', postBanner: COMPILE_EAGERLY } },
  },
})
