// Files dropped anywhere on the page. A file that misses must not make the browser leave the page and the session with
// it, so every drop of files is taken. Tells whether one is being held over the page.

import { useEffect, useRef, useState } from 'preact/hooks'

export function useFileDrop(onFiles: (files: readonly File[]) => void): boolean {
  const [isOver, setIsOver] = useState(false)
  const takeRef = useRef(onFiles)
  useEffect(() => {
    takeRef.current = onFiles
  }, [onFiles])
  useEffect(() => {
    const page = new AbortController()
    const { signal } = page
    const over = (event: DragEvent): void => {
      if (!holdsFiles(event)) return
      event.preventDefault()
      setIsOver(true)
    }
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setIsOver(false)
    }
    const drop = (event: DragEvent): void => {
      if (!holdsFiles(event)) return
      event.preventDefault()
      setIsOver(false)
      takeRef.current([...(event.dataTransfer?.files ?? [])])
    }
    addEventListener('dragover', over, { signal })
    addEventListener('dragleave', leave, { signal })
    addEventListener('drop', drop, { signal })
    return () => page.abort()
  }, [])
  return isOver
}

function holdsFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') === true
}
