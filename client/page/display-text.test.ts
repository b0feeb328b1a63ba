import { describe, expect, test } from 'vitest'
import { distinctName, oneLine, personName, safeFileName, sizeInWords } from './display-text.ts'

describe('names of people', () => {
  test('[E3] a profile that is no object with a name still gives somebody to speak of', () => {
    for (const profile of [undefined, null, 7, 'Ada', [], {}, { name: 7 }, { name: ' \u202E\u200B\n' }]) {
      expect(personName(profile)).toBe('Somebody')
    }
  })

  test('[E3] a name is one line without marks that turn the direction of writing', () => {
    expect(personName({ name: ' Ada\n\u202E Love\u0000lace ' })).toBe('Ada Love lace')
    expect([...personName({ name: '🍃'.repeat(500) })]).toHaveLength(60)
  })

  test('[E3] joiners inside a name stay: families of emoji and Persian words need them', () => {
    expect(oneLine('👩‍👩‍👧', 60)).toBe('👩‍👩‍👧')
  })

  test('[E3] a second member of the same name is told from the first', () => {
    expect(distinctName('Ada', new Set())).toBe('Ada')
    expect(distinctName('Ada', new Set(['Ada', 'Ada (2)']))).toBe('Ada (3)')
  })
})

describe('names of files', () => {
  test.each([
    ['[E8] a path is no path', '../../etc/passwd', '_.._etc_passwd'],
    ['[E8] a drive is no drive', 'C:\\boot.ini', 'C__boot.ini'],
    ['[E8] a hidden file is visible', '...bashrc', 'bashrc'],
    ['[E8] a device is a file', 'con.txt', '_con.txt'],
    ['[E8] a reversed ending is seen', 'photo\u202Egpj.exe', 'photo gpj.exe'],
    ['[E8] nothing is still something', ' . ', 'file'],
    ['[E8] an ordinary name stays', 'Über uns (2).tar.gz', 'Über uns (2).tar.gz'],
  ])('%s', (_, name, safe) => {
    expect(safeFileName(name)).toBe(safe)
  })

  test('[E8] a long name is cut before its ending', () => {
    const name = safeFileName(`${'x'.repeat(300)}.pdf`)
    expect(name).toHaveLength(100)
    expect(name.endsWith('x.pdf')).toBe(true)
  })
})

test('[E8] sizes are said as people say them', () => {
  const said = [0, 1, 1023, 1024, 350_000, 1_048_576, 2_202_010, 22_020_096].map(sizeInWords)
  expect(said).toEqual(['0 bytes', '1 byte', '1023 bytes', '1 KB', '342 KB', '1 MB', '2.1 MB', '21 MB'])
})
