// A machine as a picture: which phase follows which, and on what. Draws it as a Mermaid state diagram and reads such a
// diagram again, so that the picture in the text and the machine can be compared transition by transition.
// Knows no machine.

/** What is before the beginning and after the end. */
export const NOWHERE = '[*]'

export type Edge = { readonly from: string; readonly to: string; readonly on: string }

export type Picture = { readonly name: string; readonly edges: readonly Edge[] }

/** Gathers transitions; what changes no phase is left out. */
export class Sketch {
  readonly name: string
  readonly #edges = new Map<string, Edge>()

  constructor(name: string) {
    this.name = name
  }

  add(from: string, to: string, on: string): void {
    if (from !== to) this.#edges.set(`${from}\n${to}\n${on}`, { from, to, on })
  }

  get picture(): Picture {
    return { name: this.name, edges: [...this.#edges.values()].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)) }
  }
}

const keyOf = ({ from, to, on }: Edge): string => `${from}\n${to}\n${on}`

const EVERYWHERE = 'every state'

/** One arrow for each pair of phases, with everything that leads there; and one from `every state` for what does so everywhere. */
export function drawn({ edges }: Picture): string {
  const folded = inOrderOfAppearance(foldedEdges(edges))
  const arrows = new Map<string, string[]>()
  for (const { from, to, on } of folded) {
    const arrow = `${idOf(from)} --> ${idOf(to)}`
    arrows.set(arrow, [...(arrows.get(arrow) ?? []), on])
  }
  return [
    'stateDiagram-v2',
    ...[...new Set(folded.flatMap(({ from, to }) => [from, to]))]
      .filter((state) => state !== idOf(state) && state !== NOWHERE)
      .map((state) => `  state "${state}" as ${idOf(state)}`),
    ...[...arrows].map(([arrow, labels]) => `  ${arrow} : ${labels.join(SEPARATOR)}`),
  ].join('\n')
}

const SEPARATOR = '<br/>'

/** Mermaid's names have no spaces. */
const idOf = (state: string): string => (state === NOWHERE ? state : state.replaceAll(/[^A-Za-z0-9]+/g, '_'))

/** What leads from every state to the same one is said once. */
function foldedEdges(edges: readonly Edge[]): readonly Edge[] {
  // Where nothing leads out, nothing can be drawn.
  const states = [...new Set(edges.map(({ from }) => from))].filter((state) => state !== NOWHERE)
  const sources = new Map<string, Set<string>>()
  const keyTo = ({ to, on }: Edge): string => `${to}\n${on}`
  for (const edge of edges) {
    if (edge.from !== NOWHERE) sources.set(keyTo(edge), (sources.get(keyTo(edge)) ?? new Set()).add(edge.from))
  }
  const isEverywhere = (edge: Edge): boolean => {
    const from = sources.get(keyTo(edge)) ?? new Set()
    return edge.from !== NOWHERE && states.length > 2 && states.every((state) => state === edge.to || from.has(state))
  }
  const everywhere = new Map(edges.filter(isEverywhere).map((edge) => [keyTo(edge), { ...edge, from: EVERYWHERE }]))
  return [...edges.filter((edge) => !isEverywhere(edge)), ...everywhere.values()]
}

/** As a story is told: what can be reached first comes first. The layout follows that order. */
function inOrderOfAppearance(edges: readonly Edge[]): readonly Edge[] {
  const states = [NOWHERE]
  for (const state of states) {
    states.push(...edges.filter(({ from, to }) => from === state && !states.includes(to)).map(({ to }) => to))
  }
  const rank = ({ from }: Edge): number => (states.includes(from) ? states.indexOf(from) : Infinity)
  return edges.toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)))
}

/** The transitions that a drawn picture shows. */
export function readPicture(name: string, text: string): Picture {
  const names = new Map(
    [...text.matchAll(/^\s*state "(.+)" as (\S+)$/gm)].map(([, state = '', id = '']) => [id, state]),
  )
  const shown = [...text.matchAll(/^\s*(\S+) --> (\S+) : (.+)$/gm)].flatMap(([, from = '', to = '', labels = '']) =>
    labels.split(SEPARATOR).map((on): Edge => ({ from: names.get(from) ?? from, to: names.get(to) ?? to, on })),
  )
  return { name, edges: shown }
}

/** Sentences that say which transition one has and the other has not; none if they are the same. */
export function differences(shown: Picture, machine: Picture): readonly string[] {
  const { edges } = readPicture(machine.name, drawn(machine))
  const words = ({ from, to, on }: Edge): string => `${machine.name}: ${from} → ${to} on «${on}»`
  return [
    ...without(edges, shown.edges).map((edge) => `${words(edge)}: the machine does, the picture does not`),
    ...without(shown.edges, edges).map((edge) => `${words(edge)}: the picture does, the machine does not`),
  ]
}

function without(edges: readonly Edge[], others: readonly Edge[]): readonly Edge[] {
  const known = new Set(others.map(keyOf))
  return edges.filter((edge) => !known.has(keyOf(edge)))
}
