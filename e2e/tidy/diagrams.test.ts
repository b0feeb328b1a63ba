// The pictures in shared/SPEC.md are those that the machines draw of themselves.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { outdated, pictures } from '@joinleaf/shared/sim'

test(
  '[A18] the pictures in SPEC.md show what the machines do; `npm run diagrams` draws them anew',
  { timeout: 60_000 },
  () => {
    const text = readFileSync(fileURLToPath(new URL('../../shared/SPEC.md', import.meta.url)), 'utf8')
    expect(outdated(text, pictures())).toEqual([])
  },
)
