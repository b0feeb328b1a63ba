// All conformance scripts, by matter: each is one test in the simulated world and one in real tabs, under one title.

import { asking } from './asking.ts'
import { binding } from './binding.ts'
import { closing } from './closing.ts'
import { data } from './data.ts'
import { deciding } from './deciding.ts'
import { endings } from './endings.ts'
import { events } from './events.ts'
import { inviting } from './inviting.ts'
import type { Script } from '../world.ts'

export const scripts: readonly Script[] = [
  ...binding,
  ...asking,
  ...deciding,
  ...inviting,
  ...data,
  ...events,
  ...endings,
  ...closing,
]
