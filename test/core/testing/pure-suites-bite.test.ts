import type { Delivery, Expander, Filter, Grouper } from '@lanceur/core';
import { byExtension, LanceurError, reason, safeNames } from '@lanceur/core';
import {
  contentOf,
  deliveryOf,
  expanderSuite,
  filterSuite,
  grouperSuite,
  memoryDocument,
  type ExpanderSubject,
  type FilterSubject,
  type GrouperSubject,
} from '@lanceur/core/testing';
import { describe, test } from 'vitest';
import { bites, type Mutant } from './bites.js';

// ── filters ───────────────────────────────────────────────────────────────────────────────────────────

const refusal = { accepted: false, reason: reason('NAME_REFUSED', { filter: '*.pdf' }) } as const;
const pdfFilter = (): Filter => ({
  fingerprint: 'pdf',
  decide: ({ name }) => (name.toLowerCase().endsWith('.pdf') ? { accepted: true } : refusal),
});
const filterSubject = { create: pdfFilter, accepts: ['a.pdf', 'A.PDF'], refuses: ['a.txt', 'pdf'] };

function filterMutant(broken: string, foundBy: string, more: Partial<FilterSubject>): Mutant {
  return { broken, foundBy, suite: () => filterSuite({ ...filterSubject, ...more }) };
}

const counting = (): Filter => {
  const seen = new Set<string>();
  return {
    decide: (document) => {
      const again = seen.has(document.name);
      seen.add(document.name);
      return again ? refusal : pdfFilter().decide(document);
    },
  };
};
let made = 0;

describe('a filter', () => {
  for (const c of filterSuite(filterSubject)) test(c.name, c.run);
});
bites('filter', filterSuite(filterSubject), [
  filterMutant('minds letter case', 'it accepts and refuses what it is meant to', {
    create: () => ({ decide: ({ name }) => (name.endsWith('.pdf') ? { accepted: true } : refusal) }),
  }),
  filterMutant('is tried on nothing', 'it accepts and refuses what it is meant to', {
    accepts: [],
    refuses: [],
  }),
  filterMutant('remembers what it saw', 'the same document always meets the same decision', {
    create: counting,
  }),
  filterMutant('writes into what it is given', 'it decides without touching the document', {
    create: () => ({
      decide: (document) => {
        Object.assign(document, { name: document.name.toLowerCase() });
        return pdfFilter().decide(document);
      },
    }),
  }),
  filterMutant('prints what it was given', 'a refusal says why, in words that can be printed and kept', {
    create: () => ({
      decide: ({ name }) => ({ accepted: false, reason: { code: 'NAME_REFUSED', message: `not ${name}` } }),
    }),
  }),
  filterMutant('throws at a name that it does not like', 'no name makes it throw, unless it was cut off', {
    create: () => ({
      decide: (document) => {
        if (document.name === '') throw new TypeError('empty');
        return pdfFilter().decide(document);
      },
    }),
  }),
  filterMutant('is another one each time', 'its fingerprint is the same whenever it is made', {
    create: () => ({ ...pdfFilter(), fingerprint: String(made++) }),
  }),
]);

// ── groupers ──────────────────────────────────────────────────────────────────────────────────────────

const grouper = (): Grouper => byExtension({ pdf: '87', xml: '88' });
const delivery = deliveryOf(['a.pdf', 'b.pdf', 'c.xml', 'd'].map((name) => memoryDocument(name, name)));
const grouperSubject: GrouperSubject = { create: grouper, deliveries: [delivery] };

function grouperMutant(broken: string, foundBy: string, more: Partial<Grouper>): Mutant {
  const create = () => ({ ...grouper(), ...more });
  return { broken, foundBy, suite: () => grouperSuite({ ...grouperSubject, create }) };
}

bites('grouper', grouperSuite(grouperSubject), [
  grouperMutant('takes nothing', 'it takes something', { group: () => [] }),
  grouperMutant('counts its deliveries', 'the same delivery always makes the same groups', {
    group: (d) =>
      grouper()
        .group(d)
        .map((group) => ({ ...group, key: `${group.key}${String(made++)}` })),
  }),
  grouperMutant('reads', 'it groups without touching the delivery, and without reading it', {
    group: (d) => {
      for (const document of d.documents) document.open().destroy();
      return grouper().group(d);
    },
  }),
  grouperMutant('sorts in place', 'it groups without touching the delivery, and without reading it', {
    group: (d) => {
      (d.documents as unknown[]).reverse();
      return grouper().group(d);
    },
  }),
  grouperMutant(
    'sends a document to two jobs',
    'every document is in one group at most, as it was delivered',
    {
      group: (d) =>
        grouper()
          .group(d)
          .flatMap((group) => [group, { ...group, key: `${group.key}2` }]),
    },
  ),
  grouperMutant('makes documents up', 'every document is in one group at most, as it was delivered', {
    group: (d) => [{ key: 'all', job: '87', documents: d.documents.map((document) => ({ ...document })) }],
  }),
  grouperMutant('makes empty groups', 'no group is empty, and none is without job', {
    group: () => [{ key: 'pdf', job: '87', documents: [] }],
  }),
  grouperMutant('gives all groups one key', 'the keys of a delivery are all different', {
    group: (d) =>
      grouper()
        .group(d)
        .map((group) => ({ ...group, key: 'all' })),
  }),
  grouperMutant('does not own up to a job', '`jobs` lists every job that it names, each once', {
    jobs: ['87'],
  }),
  grouperMutant('is another one each time', 'its fingerprint is the same whenever it is made', {
    get fingerprint() {
      return String(made++);
    },
  }),
  grouperMutant(
    'promises a job that it does not give',
    'what it says of a name before anything is opened is what it does afterwards',
    { jobFor: () => '87' },
  ),
]);

// ── expanders ─────────────────────────────────────────────────────────────────────────────────────────

/** Packs of the simplest kind: `name=content` line by line, in a document whose name ends in `.pack`. */
const expander = (): Expander => ({
  fingerprint: 'pack',
  async expand(packed, { signal } = {}) {
    if (signal?.aborted === true) throw new LanceurError('ABORTED');
    const [pack] = packed.documents;
    if (pack?.name.endsWith('.pack') !== true) return packed;
    const entries = (await contentOf(pack))
      .toString()
      .split('\n')
      .map((line) => line.split('='));
    if (entries.some((entry) => entry.length !== 2)) {
      throw new LanceurError('EXPAND_FAILED', { name: pack.name, why: 'a line without =' });
    }
    const names = safeNames(entries.map(([name = '']) => name));
    const documents = entries.map(([, content = ''], i) =>
      memoryDocument(names[i] ?? '', content, { group: 'pack#1' }),
    );
    return { ...packed, documents };
  },
});
const expanderSubject: ExpanderSubject = {
  create: expander,
  packed: () => [
    deliveryOf([memoryDocument('a.pack', 'a.pdf=one\n../A.pdf=two\n..\\A.pdf=three')], {
      attributes: { from: 'x' },
    }),
  ],
  plain: () => deliveryOf([memoryDocument('a.pdf', 'one')]),
  broken: () => [deliveryOf([memoryDocument('a.pack', 'no entry')])],
};

function expanderMutant(broken: string, foundBy: string, expand: (d: Delivery) => Promise<Delivery>): Mutant {
  const create = () => ({ ...expander(), expand });
  return { broken, foundBy, suite: () => expanderSuite({ ...expanderSubject, create }) };
}

const changing = (change: (out: Delivery) => Delivery) => async (packed: Delivery) =>
  change(await expander().expand(packed));

describe('an expander', () => {
  for (const c of expanderSuite(expanderSubject)) test(c.name, c.run);
});
bites('expander', expanderSuite(expanderSubject), [
  expanderMutant(
    'wraps everything',
    'where there is nothing to expand, the delivery stays the one that it is',
    changing((out) => ({ ...out })),
  ),
  expanderMutant('expands nothing', 'it expands what it is made for', (packed) => Promise.resolve(packed)),
  expanderMutant(
    'loses what the source knows',
    'the item and what its source knows of it stay',
    changing((out) => ({ ...out, attributes: {} })),
  ),
  expanderMutant(
    'passes names on as they are packed',
    "every document's name is safe, and unique without regard to case",
    changing((out) => ({ ...out, documents: out.documents.map((d) => ({ ...d, name: '../a.pdf' })) })),
  ),
  expanderMutant(
    'gives each document once',
    'every document that comes out can be read, several times and at once',
    changing((out) => ({
      ...out,
      documents: out.documents.map((d) => {
        const stream = d.open();
        return { ...d, open: () => stream };
      }),
    })),
  ),
  expanderMutant(
    'numbers as it goes',
    'the same delivery always expands to the same documents',
    changing((out) => ({
      ...out,
      documents: out.documents.map((d) => ({ ...d, group: `pack#${String(made++)}` })),
    })),
  ),
  expanderMutant(
    'leaves the original open',
    'disposing of what came out disposes of what went in, and may be done twice',
    changing((out) => deliveryOf(out.documents)),
  ),
  {
    broken: 'is another one each time',
    foundBy: 'its fingerprint is the same whenever it is made',
    suite: () =>
      expanderSuite({ ...expanderSubject, create: () => ({ ...expander(), fingerprint: String(made++) }) }),
  },
  expanderMutant('ignores the signal', 'an aborted expansion rejects with ABORTED', (packed) =>
    expander().expand(packed),
  ),
  expanderMutant(
    'lets through what it cannot read',
    'what cannot be expanded is an error of the document',
    (packed) =>
      expander()
        .expand(packed)
        .catch(() => packed),
  ),
]);
