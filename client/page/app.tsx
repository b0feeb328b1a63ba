// The main component: holds the screen (page-state.ts), hands it to the component that shows it, and keeps the address
// bar, the tab’s title and the warning before closing in step with it. Has no words and no opinions of its own.

import { useEffect, useReducer, useState } from 'preact/hooks'
import { PageSession } from './page-session.ts'
import { FIRST_SCREEN, screenAfter, titleOf, wouldStrand } from './page-state.ts'
import type { Screen } from './page-state.ts'
import type { HostingMark } from './hosting-mark.ts'
import type { RememberedName } from './remembered-name.ts'
import { AskScreen } from './screens/ask-screen.tsx'
import { OverScreen } from './screens/over-screen.tsx'
import { PauseScreen } from './screens/pause-screen.tsx'
import { SessionScreen } from './screens/session-screen.tsx'
import { StartScreen } from './screens/start-screen.tsx'
import { arrivalAt, bareAddress, linkTo } from './session-link.ts'

// The accessible names, by which people and stories find their way (… stands for a name):
//
//   start     heading "Start or join a session" · textbox "Your name" · button "Host a session"
//             textbox "Link or name of a session" · button "Continue"
//   invited   heading "Join …session" · textbox "Your name" · where the door asks for it textbox "Password" · button "Ask to join" · button "Go to the start page"
//   waiting   heading "Waiting to be let in" · button "Stop waiting"      (opening: button "Cancel")
//   (after a reload of the host's page: heading "Coming back to your session", then inside)
//   inside    heading "…session" · textbox "Link to this session" · button "Copy link" · status "Link copied"
//             host: button "End session" → dialog "End the session for everybody?" · textbox "A last word (optional)"
//             guest: button "Leave session" → dialog "Leave the session?" · textbox "A last word (optional)"
//   the door  region "At the door" · list "Waiting" · buttons "Admit …name", "Refuse …name" → dialog "Refuse …name?"
//             · textbox "A word of explanation (optional)" · status "…name asks to be let in. …"
//             group (its summary says how the door stands) · combobox "Who may come in" · spinbutton "How many at most,
//             with you" · textbox "Password (optional)" · button "Change the door"
//   people    region "People" · list "People here" · host: button "Remove …name" → dialog "Remove …name?"
//             · button "Remove and ban"
//   talk      region "Conversation" · log "Messages" · combobox "To" · textbox "Message" · button "Send"
//             · file button "Send a file" · link "Save …file" · of a large one buttons "Take …file", "Decline …file"
//             · on its way progressbar "Progress of …file" · buttons "Stop taking …file", "Stop sending …file" · button "Go to the newest message"
//   events    group "Network events" (its summary opens it) · list "Network events, oldest first"
//             · button "Save the timeline of who was here"
//   over      heading: what happened · button "Ask to join again" · button "Go to the start page"
//   every dialog: button "Cancel", Esc, and the button that does it, last.

export function App({ name, mark }: { readonly name: RememberedName; readonly mark: HostingMark }) {
  const [screen, tell] = useReducer(screenAfter, FIRST_SCREEN, arrived)
  const [session] = useState(() => new PageSession(tell, mark))
  useEffect(() => {
    if (arrivalAt(location.href).kind === 'no-session') void session.comeBack()
  }, [session])
  useFreshPageWhenShownAgain(screen.kind === 'hosting')
  useEffect(() => {
    document.title = titleOf(screen)
  }, [screen])
  useWarningBeforeClosing(wouldStrand(screen))
  useEffect(() => {
    const followAddress = () => tell({ type: 'arrived', at: arrivalAt(location.href) })
    addEventListener('popstate', followAddress)
    return () => removeEventListener('popstate', followAddress)
  }, [tell])

  /** To the door of a session, or to the start; the address bar goes along. */
  const goTo = (target: string | null): void => {
    const address = target === null ? bareAddress(location.href) : linkTo(target, location.href)
    if (address !== location.href) history.pushState(null, '', address)
    tell({ type: 'arrived', at: arrivalAt(address) })
  }
  return <Shown screen={screen} session={session} name={name} goTo={goTo} />
}

type ShownProps = {
  readonly screen: Screen
  readonly session: PageSession
  readonly name: RememberedName
  readonly goTo: (target: string | null) => void
}

function Shown({ screen, session, name, goTo }: ShownProps) {
  const toStart = (): void => goTo(null)
  switch (screen.kind) {
    case 'start':
      return <StartScreen note={screen.note} name={name} onHost={(own) => session.host(own)} onGo={goTo} />
    case 'invited': {
      const ask = (own: string, password: string) => session.ask(screen.session, own, password)
      return <AskScreen {...screen} name={name} onAsk={ask} onStart={toStart} />
    }
    case 'opening':
      return (
        <PauseScreen
          key="opening"
          title={screen.what === 'starting' ? 'Starting a session' : 'Coming back to your session'}
          stop="Cancel"
          onStop={() => session.giveUp()}
        />
      )
    case 'waiting':
      return (
        <PauseScreen key="waiting" title="Waiting to be let in" stop="Stop waiting" onStop={() => session.giveUp()}>
          You asked to join <strong>{screen.session}</strong> as <bdi>{screen.name}</bdi>. The host decides; this page
          goes on by itself.
        </PauseScreen>
      )
    case 'hosting':
      return <SessionScreen side="host" {...screen} session={session} />
    case 'joined':
      return <SessionScreen side="guest" room={screen.room} knocks={[]} door={null} session={session} />
    case 'departing': {
      const title = screen.what === 'ending' ? 'Ending the session' : 'Leaving the session'
      return <PauseScreen key="departing" title={title} />
    }
    case 'over':
      return (
        <OverScreen
          account={screen.account}
          room={screen.room}
          askAgain={screen.askAgain}
          timeline={() => session.timeline()}
          onGo={goTo}
        />
      )
    default:
      return screen satisfies never
  }
}

function arrived(first: Screen): Screen {
  return screenAfter(first, { type: 'arrived', at: arrivalAt(location.href) })
}

/** The browser asks before the page closes, in its own words. */
function useWarningBeforeClosing(wanted: boolean): void {
  useEffect(() => {
    if (!wanted) return undefined
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [wanted])
}

/** A page that the browser kept while it showed another one has said goodbye: a fresh one comes back in its place [E4]. */
function useFreshPageWhenShownAgain(isHosting: boolean): void {
  useEffect(() => {
    if (!isHosting) return undefined
    const again = (event: PageTransitionEvent): void => {
      if (event.persisted) location.reload()
    }
    addEventListener('pageshow', again)
    return () => removeEventListener('pageshow', again)
  }, [isHosting])
}
