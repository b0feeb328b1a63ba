// One random world from its seed to its verdict: what went wrong, if anything did, with the shortest story that could be
// found in which it still does. Knows no clock and no console.

import { REAL } from './explore/components.ts'
import type { Machines } from './explore/components.ts'
import { RandomWorld } from './random-world.ts'
import type { Story } from './random-world-stage.ts'

export type Failure = {
  /** The same for whoever it happens to. */
  readonly kind: string
  /** What went wrong: the same in the shortened story. */
  readonly wrong: string
  readonly story: Story
  readonly trace: readonly string[]
}

export type Outcome = { readonly members: number; readonly failure: Failure | null }

/** Lives through it, and through shorter ones if it fails. */
export function live(story: Story, machines: Machines = REAL): Outcome {
  const { world, wrong } = lived(story, machines)
  const { members } = world
  if (wrong === null) return { members, failure: null }
  const kind = kindOf(wrong)
  const kept = story.kept ?? Array.from({ length: world.steps }, (_, index) => index)
  const isSame = (other: Story): boolean => kindOf(lived(other, machines).wrong ?? '') === kind
  const short = shortened({ ...story, members, kept }, isSame)
  const again = lived(short, machines, { told: true })
  return { members, failure: { kind, wrong: again.wrong ?? wrong, story: short, trace: again.world.trace } }
}

function lived(story: Story, machines: Machines, { told = false } = {}) {
  const world = new RandomWorld(story, { told, machines })
  try {
    world.run()
    return { world, wrong: null }
  } catch (error) {
    const wrong = error instanceof Error ? (error.stack ?? error.message) : String(error)
    world.tell(wrong.split('\n')[0] ?? wrong)
    return { world, wrong }
  }
}

/** Whoever it happens to, and however often: the same thing goes wrong. */
function kindOf(wrong: string): string {
  return (wrong.split('\n')[0] ?? '').replaceAll(/[\d-]+(root|leaf)[\d-]+|\d+/g, '·')
}

/** Leaves out what is not needed: steps in ever smaller pieces, then members. */
function shortened(story: Story, fails: (story: Story) => boolean): Story {
  let best = story
  const improve = (other: Story): boolean => {
    const better = fails(other)
    if (better) best = other
    return better
  }
  const count = (): number => best.kept?.length ?? 0
  for (let size = Math.ceil(count() / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < count();) {
      const kept = best.kept?.toSpliced(at, size) ?? []
      if (!improve({ ...best, kept })) at += size
    }
  }
  for (let members = 2; members < (best.members ?? 0); members++) if (improve({ ...best, members })) break
  return best
}
