// The surface of the diagrams: the pictures that the machines draw of themselves, what a text shows otherwise, and the text
// with its pictures drawn anew.

export * from './diagrams.ts'
