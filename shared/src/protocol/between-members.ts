// What members say to each other, or of each other, by way of the server: signals about the link that two of them share, and
// complaints to the root. Types alone; the messages that carry them are messages.ts. Carries D16, D24.

/** It takes nothing for so long that it holds up the rest [D16]; or neither path to it has worked for REPAIR_MS [D24]. */
export const COMPLAINTS = ['slow', 'unreachable'] as const
export type Complaint = (typeof COMPLAINTS)[number]

/** Between two members about the link they share. `link` counts the links of the pair: an older one is history. */
export type Signal =
  | {
      readonly kind: 'description'
      readonly link: number
      /** opaque to us; SIGNAL_CHARS_MAX at most */ readonly data: string
    }
  | { readonly kind: 'link-lost'; readonly link: number }
