// What is said of a mail in which nothing is wanted: which of its documents, not the mail itself.
import { expect, test } from 'vitest';
import { inFrench, nameFilter, whatToDo } from '@lanceur/core';
import { bench } from './bench.js';

const text = (name: string) => ({ name, content: name });

test('a mail whose documents are refused names the first of them, and how many there are', async () => {
  const { launcher, source } = bench({ filter: nameFilter('*.pdf') });
  source.put({ name: 'Photo seule', documents: [text('photo.jpg')] });
  source.put({ name: 'Photos', documents: [text('a.jpg'), text('b.jpg'), text('c.jpg')] });
  const { left } = await launcher.run();
  expect(left.map(({ name, reason }) => `${name}: ${reason.message}`)).toEqual([
    'Photo seule: holds no document that is wanted here: photo.jpg: its name is not accepted by the filter *.pdf',
    'Photos: holds no document that is wanted here: a.jpg and 2 more: its name is not accepted by the filter *.pdf',
  ]);
  expect(left.map(({ reason }) => inFrench(reason))).toEqual([
    'ne contient aucun document voulu ici : photo.jpg : son nom n’est pas accepté par le filtre *.pdf',
    'ne contient aucun document voulu ici : a.jpg et 2 de plus : son nom n’est pas accepté par le filtre *.pdf',
  ]);
});

test('different reasons are said one by one', async () => {
  const { launcher, source } = bench({ filter: nameFilter('*.pdf; *.doc') });
  source.put({ name: 'Divers', documents: [text('a.jpg'), text('b.doc')] });
  const { left } = await launcher.run();
  expect(left[0]?.reason.message).toBe(
    'holds no document that is wanted here: a.jpg: its name is not accepted by the filter *.pdf; *.doc; b.doc: no job takes .doc',
  );
});

test('a file is its own document, and is not named twice', async () => {
  const { launcher, source } = bench({ filter: nameFilter('*.pdf') });
  source.put({ name: 'photo.jpg' });
  const { left } = await launcher.run();
  expect(left[0]?.reason.message).toBe('its name is not accepted by the filter *.pdf');
});

test('what is kept as a whole says where to look, and how to let the rest go', async () => {
  const { launcher, source } = bench({ filter: nameFilter('*.pdf') });
  source.put({ name: 'Facture', documents: [text('a.pdf'), text('photo.jpg')] });
  const { ended } = await launcher.run();
  expect(ended[0]?.reason?.message).toBe(
    'was submitted without photo.jpg, which nothing wants; the item is kept as a whole, so that nothing of it is lost',
  );
  for (const language of ['en', 'fr'] as const)
    expect(whatToDo('PARTLY_UNWANTED', language)).toMatch(/\.lanceur\/aside.*IMAP.*POP.*discardUnwanted/u);
});
