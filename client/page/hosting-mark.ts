// Whether this tab hosts a session, kept in its own storage for the page after this one: that page comes back to it without
// being asked. Who it is there, the SDK keeps. Owns the storage key and nothing else; without storage nobody comes back.

const KEY = 'joinleaf.hosting'

export type HostingMark = {
  readonly isSet: boolean
  set(isHosting: boolean): void
}

/** `storage` is a function because merely reading `sessionStorage` throws where it is forbidden. */
export function hostingMark(storage: () => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>): HostingMark {
  return {
    get isSet() {
      return tried(() => storage().getItem(KEY) !== null) ?? false
    },
    set(isHosting) {
      tried(() => (isHosting ? storage().setItem(KEY, 'yes') : storage().removeItem(KEY)))
    },
  }
}

/** Forbidden, or full: then nothing is kept, and the next page begins at the start. */
function tried<T>(act: () => T): T | null {
  try {
    return act()
  } catch {
    return null
  }
}
