// The person's own name, kept from visit to visit in localStorage; where the browser forbids that, for as long as the
// page is open. Owns the storage key and nothing else.

const KEY = 'joinleaf.name'

export type RememberedName = {
  recall(): string
  keep(name: string): void
}

/** `storage` is a function because merely reading `localStorage` throws where it is forbidden. */
export function rememberedName(storage: () => Pick<Storage, 'getItem' | 'setItem'>): RememberedName {
  let whileOpen = ''
  return {
    recall() {
      try {
        return storage().getItem(KEY) ?? whileOpen
      } catch {
        return whileOpen
      }
    },
    keep(name) {
      try {
        storage().setItem(KEY, name)
      } catch {
        whileOpen = name
      }
    },
  }
}
