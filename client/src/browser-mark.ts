// What this browser calls itself at a session's door [E5]: random, kept for this site, the same on all its pages, and shown
// to the server alone. Whoever is kept out is known by it again; whoever clears the site's data is not. Where nothing
// can be kept, each join has one of its own. Knows no session.

const KEPT_AS = 'joinleaf.browser'

export const browserMark = (): string => kept() ?? crypto.randomUUID()

function kept(): string | null {
  try {
    const { localStorage } = globalThis
    const mark = localStorage.getItem(KEPT_AS) ?? crypto.randomUUID()
    localStorage.setItem(KEPT_AS, mark)
    return /^[A-Za-z0-9_-]{1,64}$/.test(mark) ? mark : null
  } catch (error) {
    // No storage here (Node), or it is forbidden, or full: nothing is wrong with that.
    if (error instanceof TypeError || error instanceof DOMException) return null
    throw error
  }
}
