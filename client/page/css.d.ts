// Tells the compiler that a style sheet may be imported for its effect: the bundler links it from the page, so that
// the page needs no inline style and the content policy can stay at `style-src 'self'`.

declare module '*.css'
