// A moment as the time of day, in the way of the person's own language; to the second where that matters.
// Takes milliseconds since the epoch. Making a format is slow, and a long log shows thousands of times: two are made.

const TO_THE_MINUTE = new Intl.DateTimeFormat([], { hour: 'numeric', minute: '2-digit' })
const TO_THE_SECOND = new Intl.DateTimeFormat([], { hour: 'numeric', minute: '2-digit', second: '2-digit' })

type Props = { readonly at: number; readonly toTheSecond?: boolean }

export function TimeOfDay({ at, toTheSecond = false }: Props) {
  const format = toTheSecond ? TO_THE_SECOND : TO_THE_MINUTE
  return <time dateTime={new Date(at).toISOString()}>{format.format(at)}</time>
}
