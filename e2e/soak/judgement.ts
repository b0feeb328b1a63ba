// What may be in a soak and what may never be, judged from what the members report and from the book of who has gone:
// messages, rosters, the order of comings and goings, FD_CLOSEs, departures and their causes. Pure.
// Carries C154–C159, D22, D24, E3, as they show from outside.

import type { Gone } from './crew.ts'
import type { News, Report } from './traffic.ts'

/** The same roster for all, of as many as there are, each linked to each, and nobody suspect. */
export function agree(reports: readonly Report[]): boolean {
  const rosters = new Set(reports.map(({ roster }) => roster.map((member) => member.split(' ')[0]).join()))
  return rosters.size === 1 && reports.every(({ roster }) => roster.length === reports.length && roster.every(isLinked))
}

/** Who has not heard from whom what was sent since those reports: a link may stand and carry nothing [decision 0027]. */
export function unheard(since: readonly Report[], reports: readonly Report[]): readonly string[] {
  return since.flatMap(({ name, life, sent }) =>
    reports
      .filter((receiver) => receiver.name !== name)
      .filter(({ streams }) => !streams.some((stream) => stream.life === life && stream.last >= sent))
      .map((receiver) => `  ${receiver.name} has heard nothing new from ${name}`),
  )
}

/** Of oneself there is the id alone. */
const isLinked = (member: string): boolean => !member.includes(' ') || member.endsWith(' here direct')

export function rostersOf(reports: readonly Report[]): string {
  return reports.map(({ name, roster }) => `  ${name}: ${roster.join(', ')}`).join('\n')
}

/** What may never be, at any time. */
export function wrongsIn(reports: readonly Report[], gone: readonly Gone[]): readonly string[] {
  const [host] = reports
  return reports.flatMap((report) => [
    ...(report.closed === null ? [] : [`${report.name} is out: ${report.closed}`]),
    ...report.streams.flatMap(({ sender, faults }) => faults.map((fault) => `${report.name} from ${sender}: ${fault}`)),
    ...doubles(report.closes).map((socket) => `${report.name}: more than one FD_CLOSE for ${socket}`),
    ...falseNews(report, gone),
    ...cutShort(report, gone),
    ...(host === undefined ? [] : outOfOrder(host, report)),
  ])
}

/** At the end, when all is quiet: everybody has all that the others have sent, and has found a roster that there was. */
export function incomplete(reports: readonly Report[]): readonly string[] {
  const [host] = reports
  const misplaced = reports.filter((guest) => host !== undefined && guest !== host && foundAt(host, guest) === null)
  return [
    ...misplaced.map(({ name, found }) => `${name} found ${found.join(', ')}, which the host never had`),
    ...reports.flatMap((sender) =>
      reports
        .filter((receiver) => receiver !== sender)
        .flatMap((receiver) => {
          const stream = receiver.streams.find(({ life }) => life === sender.life)
          const got = stream === undefined ? 0 : stream.last + 1
          return got === sender.sent
            ? []
            : [`${receiver.name} has ${got} of ${sender.sent} messages from ${sender.name}`]
        }),
    ),
  ]
}

/** What was sent before a graceful leave comes before it is told [D22]. */
function cutShort({ name: receiver, news, streams }: Report, gone: readonly Gone[]): readonly string[] {
  return gone.flatMap(({ name, lastWords }) => {
    if (lastWords === null) return []
    const { sent } = lastWords
    if (!news.some(({ what, who }) => what === 'left' && who === name)) return []
    return streams
      .filter((stream) => stream.sender === name && stream.last + 1 !== sent)
      .map(({ last }) => `${receiver} has ${last + 1} of ${sent} messages from ${name}, who has left`)
  })
}

export function messagesIn(reports: readonly Report[]): number {
  return reports.reduce((sum, { streams }) => sum + streams.reduce((n, { first, last }) => n + last - first + 1, 0), 0)
}

/** Departures that were none, that were told twice, or under another name. */
function falseNews({ name, news }: Report, gone: readonly Gone[]): readonly string[] {
  const left = news.filter(({ what }) => what === 'left')
  const twice = doubles(news.map(({ what, who }) => `that ${who} ${what}`))
  return [
    ...twice.map((told) => `${name} was told twice ${told}`),
    ...left.flatMap(({ who, cause }) => {
      const one = gone.find((candidate) => candidate.name === who)
      if (one === undefined) return [`${name} was told that ${who} is gone (${cause}), and it is not`]
      if (one.causes.includes(cause)) return []
      return [`${name} was told that ${who} is gone: ${cause}; and it is: ${one.causes.join(' or ')}`]
    }),
  ]
}

/** Everybody sees the same comings and goings in the same order, from what it found when it was in [E3]. */
function outOfOrder(host: Report, guest: Report): readonly string[] {
  const begin = guest === host ? null : foundAt(host, guest)
  if (begin === null) return []
  const [seen, expected] = [guest.news.map(wordsOf), host.news.slice(begin).map(wordsOf)]
  // The one may have been told a little earlier than the other.
  const until = Math.min(seen.length, expected.length)
  const at = seen.findIndex((words, i) => i < until && words !== expected[i])
  return at < 0 ? [] : [`${guest.name} was told "${seen[at]}" where the host was told "${expected[at]}"`]
}

/**
 * Behind how much of the host's news the roster was what this guest found: others may have come and gone between its
 * admission and its `join`. Null: the host has not been told yet.
 */
function foundAt({ name, news }: Report, guest: Report): number | null {
  const roster = new Set([name])
  let isIn = false
  for (const [i, { what, who }] of news.entries()) {
    if (what === 'joined') roster.add(who)
    else roster.delete(who)
    isIn ||= what === 'joined' && who === guest.name
    if (isIn && roster.size === guest.found.length && guest.found.every((one) => roster.has(one))) return i + 1
  }
  return null
}

const wordsOf = ({ what, who }: News): string => `${who} ${what}`

const doubles = (words: readonly string[]): readonly string[] => words.filter((word, i) => words.indexOf(word) !== i)
