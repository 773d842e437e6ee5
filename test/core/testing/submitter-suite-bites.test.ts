import { Readable } from 'node:stream';
import type {
  ColdSubmitter,
  DocumentGroup,
  Planned,
  Sent,
  SourceDocument,
  SubmitOptions,
} from '@lanceur/core';
import { LanceurError } from '@lanceur/core';
import {
  contentOf,
  memoryCold,
  submitterSuite,
  type MemoryCold,
  type MemoryColdOptions,
} from '@lanceur/core/testing';
import { bites, type Mutant } from './bites.js';
import { coldBench } from './memory-bench.js';

type Break = (cold: MemoryCold) => Partial<ColdSubmitter>;

function mutant(broken: string, foundBy: string, breaks: Break, options: MemoryColdOptions = {}): Mutant {
  const wrap = (cold: MemoryCold): ColdSubmitter => {
    const { traits, submit, find, forget } = cold;
    return { traits, submit, ...(find && { find }), ...(forget && { forget }), ...breaks(cold) };
  };
  return { broken, foundBy, suite: () => submitterSuite({ create: () => coldBench(options, wrap) }) };
}

/** Hands something else over than it was given. */
const handing =
  (
    change: (group: DocumentGroup, options: SubmitOptions) => readonly [DocumentGroup, SubmitOptions],
  ): Break =>
  (cold) => ({ submit: (group, options = {}) => cold.submit(...change(group, options)) });

const eachDocument = (change: (document: SourceDocument) => SourceDocument): Break =>
  handing((group, options) => [{ ...group, documents: group.documents.map(change) }, options]);

const withContent = (change: (content: Buffer) => Buffer): Break =>
  eachDocument((document) => ({
    ...document,
    open: () =>
      Readable.from(
        (async function* () {
          yield change(await contentOf(document));
        })(),
        { objectMode: false },
      ),
  }));

const mutants: readonly Mutant[] = [
  mutant(
    'stops at a megabyte',
    'a document arrives with the bytes that it had',
    withContent((c) => c.subarray(0, 1e6)),
  ),
  mutant(
    'leaves out empty documents',
    'an empty document arrives, empty',
    handing((group, options) => [
      { ...group, documents: group.documents.filter(({ size }) => size !== 0) },
      options,
    ]),
  ),
  mutant(
    'takes the first chunk for all',
    'a document that comes byte by byte arrives whole',
    eachDocument((document) => ({
      ...document,
      open: () =>
        Readable.from(
          (async function* () {
            for await (const chunk of document.open()) {
              yield chunk as Buffer;
              return;
            }
          })(),
          { objectMode: false },
        ),
    })),
  ),
  mutant(
    'takes one document',
    'all documents of a group arrive',
    handing((group, options) => [{ ...group, documents: group.documents.slice(0, 1) }, options]),
  ),
  mutant('forgets what it sent', 'the receipt names every document, with its size and digest', (cold) => ({
    submit: async (group, options) => ({ ...(await cold.submit(group, options)), documents: [] }),
  })),
  mutant(
    'calls all submissions the same',
    'a submission without an id gets one of its own',
    handing((group, options) => [group, { submissionId: 'anonymous', ...options }]),
  ),
  mutant(
    'lets a name out of the target',
    'a name that reaches for somewhere else stays inside the target, or is refused',
    (cold) => ({
      submit: (group, options) =>
        (group.documents[0]?.name.includes('/') === true ? memoryCold() : cold).submit(group, options),
    }),
  ),
  mutant(
    'overwrites',
    'two submissions with a document of the same name both arrive, or one is refused',
    overwriting(),
  ),
  mutant(
    'overwrites where letter case differs',
    'names that differ in letter case only never overwrite each other',
    overwriting((name) => name.toLowerCase()),
  ),
  mutant('mixes up what comes at once', 'several submissions at once all arrive, each whole', () => {
    const shared = memoryCold();
    let group: DocumentGroup | undefined;
    return {
      submit: async (next, options) => {
        group = next;
        await Promise.resolve();
        return shared.submit(group, options);
      },
    };
  }),
  mutant(
    'overwrites what comes at once',
    'several submissions at once of documents of one name never overwrite each other',
    overwriting(),
  ),
  mutant(
    'places first and asks then',
    'nothing is in the COLD before beforePlacing has resolved',
    (cold) => ({
      submit: async (group, { beforePlacing, ...options } = {}) => {
        const receipt = await cold.submit(group, options);
        await beforePlacing?.(receipt.documents);
        return receipt;
      },
    }),
  ),
  mutant(
    'asks for each document',
    'beforePlacing is called once, with all that is going to be placed',
    handing((group, { beforePlacing, ...options }) => [
      group,
      {
        ...options,
        beforePlacing: async (sent) => {
          for (const one of sent) await beforePlacing?.([one]);
        },
      },
    ]),
  ),
  mutant(
    'wraps what stopped it',
    'a beforePlacing that rejects places nothing, and its error comes out as it is',
    (cold) => ({
      submit: (group, options) =>
        cold.submit(group, options).catch((cause: unknown) => {
          throw new Error('it failed', { cause });
        }),
    }),
  ),
  mutant(
    'goes on whatever it is told',
    'a beforePlacing that rejects places nothing, and its error comes out as it is',
    handing((group, { beforePlacing: _never, ...options }) => [group, options]),
  ),
  mutant(
    'keeps a failed attempt in the way',
    'a submission that failed before it was placed arrives once when it is tried again',
    (cold) => {
      const begun = new Set<string>();
      return {
        submit: (group, options) => {
          const id = options?.submissionId ?? '';
          if (begun.has(id)) return Promise.reject(new Error('EEXIST'));
          begun.add(id);
          return cold.submit(group, options);
        },
      };
    },
  ),
  mutant(
    'places what it could read',
    'a document whose stream fails places nothing, and its error comes out as it is',
    (cold) => ({
      submit: async (group, options) => {
        const [first] = group.documents;
        if (first) await cold.submit({ ...group, documents: [first] });
        return cold.submit(group, options);
      },
    }),
  ),
  mutant(
    'opens everything at once, and lets it lie',
    'a submission that fails leaves no stream open',
    (cold) => ({
      submit: (group, options) => {
        for (const document of group.documents) document.open().on('error', () => undefined);
        return cold.submit(group, options);
      },
    }),
  ),
  mutant(
    'ignores the signal',
    'an aborted submission places nothing',
    handing((group, { signal: _never, ...options }) => [group, options]),
  ),
  mutant(
    'takes what it has for all when it is stopped',
    'a submission that is aborted while it reads places nothing, and does not wait for the rest',
    (cold) => ({
      submit: (group, options) =>
        cold.submit(group, options).catch(() => cold.submit({ ...group, documents: [] })),
    }),
  ),
  mutant(
    'believes the size that is announced',
    'a document that is bigger than allowed is TOO_BIG, whatever size it announced',
    handing((group, { documentBytes: limit = Infinity, ...options }) => {
      const [tooBig] = group.documents.filter(({ size = 0 }) => size > limit);
      if (tooBig) throw new LanceurError('TOO_BIG', { name: tooBig.name, size: tooBig.size ?? 0, limit });
      return [group, options];
    }),
  ),
  mutant(
    'places again what is there',
    'what is there already is not placed again, and is in the receipt',
    handing((group, { have: _never, ...options }) => [group, options]),
  ),
  mutant(
    'leaves out of the receipt what was there',
    'what is there already is not placed again, and is in the receipt',
    (cold) => ({
      submit: async (group, options) => {
        const receipt = await cold.submit(group, options);
        const documents = receipt.documents.filter(
          ({ name }) => !options?.have?.some((h) => h.name === name),
        );
        return { ...receipt, documents };
      },
    }),
  ),
  mutant(
    'blames the document for an outage',
    'a target that is out blames no document: the error is of the target, and names its job',
    (cold) => ({
      submit: (group, options) =>
        cold.submit(group, options).catch(() => {
          throw new LanceurError('DOCUMENT_REFUSED', { name: 'a.pdf', job: group.job, why: 'EACCES' });
        }),
    }),
  ),
  mutant('takes an outage for absence', 'a target that is out is no answer to find', (cold) => ({
    find: (planned) =>
      cold.find?.(planned).catch(() => ({ is: 'absent' as const })) ?? Promise.reject(new Error()),
  })),
  mutant(
    'remembers in its process only',
    'what has arrived is found, in every process, until it is forgotten',
    (cold) => {
      const own = new Set<string>();
      return {
        submit: (group, options) => {
          own.add(options?.submissionId ?? '');
          return cold.submit(group, options);
        },
        find: async (planned) =>
          own.has(planned.id) ? ((await cold.find?.(planned)) ?? { is: 'unknown' }) : { is: 'absent' },
      };
    },
  ),
  mutant(
    'looks for the file in the waiting directory',
    'what the COLD has taken meanwhile is never said to be absent',
    (cold) => ({
      find: async (planned) =>
        cold.waiting.some(({ submissionId }) => submissionId === planned.id)
          ? ((await cold.find?.(planned)) ?? { is: 'unknown' })
          : { is: 'absent' },
    }),
  ),
  mutant('takes nothing for everything', 'what was never submitted is not found', () => ({
    find: alwaysFound,
  })),
  mutant('takes staged for placed', 'what was not placed is not found', () => ({ find: alwaysFound })),
  mutant(
    'finds by name',
    'another document of the same name does not pass for the one that was asked about',
    (cold) => ({
      find: (planned) =>
        cold.arrivals.some(({ name }) => planned.documents.includes(name))
          ? alwaysFound(planned)
          : Promise.resolve({ is: 'absent' }),
    }),
  ),
  mutant(
    'only looks, and leaves an older attempt its means',
    'an attempt that sleeps through a find places nothing when it wakes up',
    (cold) => ({
      find: async (planned) => {
        const answer = await cold.find?.({ ...planned, id: 'another' });
        return answer ?? { is: 'unknown' };
      },
    }),
  ),
  mutant(
    'cannot forget twice',
    'forgetting is fine for what is there, twice, and for what never was',
    (cold) => ({
      forget: async (ids) => {
        for (const id of ids) {
          if (!cold.arrivals.some(({ submissionId }) => submissionId === id)) throw new Error('ENOENT');
        }
        return Promise.resolve();
      },
    }),
  ),
  mutant('cannot do what it says', 'the traits are the truth', () => ({
    traits: { find: false, atomicGroup: true },
  })),
];

function alwaysFound({ id, sent = [] }: Planned): Promise<{
  is: 'found';
  receipt: { submissionId: string; at: number; documents: readonly Sent[] };
}> {
  return Promise.resolve({ is: 'found', receipt: { submissionId: id, at: 1, documents: sent } });
}

/** A COLD that has one place a name: what comes second is taken, and is nowhere to be seen. */
function overwriting(place: (name: string) => string = (name) => name): Break {
  return (cold) => {
    const places = new Set<string>();
    return {
      submit: (group, options) => {
        const names = group.documents.map(({ name }) => place(name));
        const isTaken = names.some((name) => places.has(name));
        for (const name of names) places.add(name);
        return (isTaken ? memoryCold() : cold).submit(group, options);
      },
    };
  };
}

bites('submitter', submitterSuite({ create: () => coldBench() }), mutants);
