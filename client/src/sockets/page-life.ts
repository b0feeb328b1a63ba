// What a browser tells a page of its own life, in the machine's words: it is unloaded, kept and shown again, suspended and
// awake, without a network and with one. Knows browsers' events and nothing of sockets. Safe where there is no window.
// Carries E9; the evidence table's rows of suspended pages and of this side's network.

export type PageNews = {
  page(news: 'unloading' | 'shown' | 'suspending' | 'awake'): void
  network(online: boolean): void
}

export function hearThePage(tell: PageNews, signal: AbortSignal): void {
  if (typeof globalThis.addEventListener !== 'function') return
  const hear = (type: string, listener: (event: Event) => void): void =>
    globalThis.addEventListener(type, listener, { signal })
  // The last word of a page that goes. One that the browser keeps has said goodbye as well, and is over when it is back.
  hear('pagehide', () => tell.page('unloading'))
  hear('pageshow', (event) => {
    if (event instanceof PageTransitionEvent && event.persisted) tell.page('shown')
  })
  hear('offline', () => tell.network(false))
  hear('online', () => tell.network(true))
  hearTheDocument(tell, signal)
}

/** Page Lifecycle, where there is one; on iOS a hidden page is suspended within seconds, and nothing announces it. */
function hearTheDocument(tell: PageNews, signal: AbortSignal): void {
  const { document } = globalThis
  if (document === undefined) return
  document.addEventListener('freeze', () => tell.page('suspending'), { signal })
  document.addEventListener('resume', () => tell.page('awake'), { signal })
  if (!isIos()) return
  const changed = (): void => tell.page(document.visibilityState === 'hidden' ? 'suspending' : 'awake')
  document.addEventListener('visibilitychange', changed, { signal })
}

/** An iPad calls itself a Mac; no Mac has a touch screen. */
function isIos(): boolean {
  const { userAgent, maxTouchPoints } = navigator
  return /iPhone|iPad|iPod/.test(userAgent) || (userAgent.includes('Macintosh') && maxTouchPoints > 1)
}
