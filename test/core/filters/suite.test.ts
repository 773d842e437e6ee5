import { allOf, anyOf, custom, everything, nameFilter, not } from '@lanceur/core';
import { filterSuite } from '@lanceur/core/testing';
import { describe, test } from 'vitest';

const subjects = {
  'a glob': { create: () => nameFilter('*.pdf'), accepts: ['a.pdf', 'A.PDF'], refuses: ['a.txt'] },
  'a regular expression': {
    create: () => nameFilter('/.*\\.(?!db).*/'),
    accepts: ['a.pdf'],
    refuses: ['Thumbs.db'],
  },
  'all of several': {
    create: () => allOf(nameFilter('*.pdf'), nameFilter('a*')),
    accepts: ['a.pdf'],
    refuses: ['b.pdf', 'a.txt'],
  },
  'any of several': {
    create: () => anyOf(nameFilter('*.pdf'), nameFilter('*.tif')),
    accepts: ['a.pdf', 'a.tif'],
    refuses: ['a.txt'],
  },
  'a filter turned round': { create: () => not(nameFilter('*.tmp')), accepts: ['a.pdf'], refuses: ['a.tmp'] },
  everything: { create: () => everything, accepts: ['a.pdf', 'README'], refuses: [] },
  'one of the host’s own': {
    create: () => custom(({ name }) => name.length < 6, { fingerprint: 'short' }),
    accepts: ['a.pdf'],
    refuses: ['long.pdf'],
  },
};

for (const [name, subject] of Object.entries(subjects)) {
  describe(name, () => {
    for (const c of filterSuite(subject)) test(c.name, c.run);
  });
}
