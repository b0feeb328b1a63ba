// What one program of the mesh bench found, printed as JSON on a line of its own; and the end of the program. Memory is
// what the process occupies, Node itself included, after the garbage is gone.

/** @param {number} mesh milliseconds */
export function printed(mesh) {
  globalThis.gc?.()
  const memory = process.memoryUsage.rss() / 1024 / 1024
  process.stdout.write(`${JSON.stringify({ mesh, memory })}\n`, () => process.exit())
}
