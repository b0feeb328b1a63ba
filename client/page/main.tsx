// The page's entry: style sheets, and the app in its mount point. Decides nothing; where the name is remembered, and that
// this tab hosts, is all of the browser that it hands in.

import { render } from 'preact'
import { preload } from 'joinleaf'
import { App } from './app.tsx'
import { hostingMark } from './hosting-mark.ts'
import { rememberedName } from './remembered-name.ts'
import './styles/base.css'
import './styles/controls.css'
import './styles/session.css'
import './styles/conversation.css'

const mountPoint = document.getElementById('app')
if (mountPoint === null) throw new Error('index.html has no #app')
// Ready before somebody presses the button; what cannot be loaded now is asked for again then.
preload().catch(() => undefined)
render(<App name={rememberedName(() => localStorage)} mark={hostingMark(() => sessionStorage)} />, mountPoint)
