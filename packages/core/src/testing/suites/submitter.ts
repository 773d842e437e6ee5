import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import type { DocumentGroup } from '../../contracts/grouper.js';
import type { Receipt, Sent, SourceDocument } from '../../contracts/item.js';
import type { ColdSubmitter, Found, Planned, SubmitOptions } from '../../contracts/submitter.js';
import { LanceurError, messageOf } from '../../errors.js';
import { brokenDocument, memoryDocument, sentAs } from '../documents.js';
import { bytes, large } from './content.js';
import { needed, type SuiteCase } from '../suite.js';

/** What some targets cannot do, or a bench cannot stage; the cases that need it are left out of the suite. */
export type SubmitterCapability =
  /** It cannot be asked what became of a submission. */
  | 'find'
  /** The target of a job cannot be made to fail and to come back. */
  | 'outage'
  /** Nothing takes from the target what has arrived. */
  | 'eat';

/** A document as the COLD would find it. */
export interface Arrived {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A real target with a submitter on it, for one case. */
export interface SubmitterBench {
  readonly submitter: ColdSubmitter;
  /** A job that it has a target for. */
  readonly job: string;
  /** All documents that the COLD could take now, read past the submitter; manifests and the like left out. */
  read(): Promise<readonly Arrived[]>;
  /** The COLD takes all that is there for it, as it does at its own time. */
  eat?(): Promise<void>;
  /** The target of the job fails from now on, or is well again. */
  outage?(on: boolean): Promise<void>;
  /** Another submitter object on the same target, as the next process would make it. */
  again(): Promise<ColdSubmitter>;
  dispose(): Promise<void>;
}

export interface SubmitterSubject {
  /** A new target in which nothing waits. */
  create(): Promise<SubmitterBench>;
  readonly without?: readonly SubmitterCapability[];
}

/**
 * What every {@link ColdSubmitter} must do, as cases for any test runner. Each runs on a target of its own, and they
 * do not disturb each other.
 *
 * ```ts
 * for (const c of submitterSuite({ create: myBench })) test(c.name, c.run);
 * ```
 */
export function submitterSuite(subject: SubmitterSubject): readonly SuiteCase[] {
  const cases: SuiteCase[] = [];
  const promise = (
    name: string,
    body: (bench: SubmitterBench) => Promise<void>,
    ...needs: readonly SubmitterCapability[]
  ) => {
    if (needs.some((capability) => subject.without?.includes(capability) === true)) return;
    const run = async () => {
      const bench = await subject.create();
      try {
        await body(bench);
      } finally {
        await bench.dispose();
      }
    };
    cases.push({ name, run });
  };

  // ── what arrives ────────────────────────────────────────────────────────────────────────────────────

  promise('a document arrives with the bytes that it had', async (bench) => {
    const content = large(1_500_000);
    await submit(bench, [memoryDocument('a.pdf', content)]);
    await assertArrived(bench, content);
  });

  promise('an empty document arrives, empty', async (bench) => {
    await submit(bench, [memoryDocument('empty.pdf', '')]);
    await assertArrived(bench, bytes(''));
  });

  promise('a document that comes byte by byte arrives whole', async (bench) => {
    const trickle = () => Readable.from(['a', 'b', 'c', 'd'].map(bytes), { objectMode: false });
    await submit(bench, [{ name: 'a.pdf', open: trickle }]);
    await assertArrived(bench, bytes('abcd'));
  });

  promise('all documents of a group arrive', async (bench) => {
    const contents = ['one', 'two', 'three'].map(bytes);
    await submit(
      bench,
      contents.map((content, i) => memoryDocument(`${String(i)}.pdf`, content)),
    );
    await assertArrived(bench, ...contents);
  });

  promise('the receipt names every document, with its size and digest', async (bench) => {
    const documents = [memoryDocument('a.pdf', large(100_000)), memoryDocument('é b.xml', 'two')];
    const receipt = await submit(bench, documents, { submissionId: 'submission-1' });
    assert.equal(receipt.submissionId, 'submission-1');
    assert.ok(Number.isFinite(receipt.at) && receipt.at > 0, 'it bears no time');
    assertSent(receipt.documents, [sentAs('a.pdf', large(100_000)), sentAs('é b.xml', bytes('two'))]);
    assert.deepEqual(JSON.parse(JSON.stringify(receipt)), receipt, 'it is not plain JSON');
  });

  promise('a submission without an id gets one of its own', async (bench) => {
    const first = await submit(bench, [memoryDocument('a.pdf', 'one')]);
    const second = await submit(bench, [memoryDocument('b.pdf', 'two')]);
    assert.ok(first.submissionId.length > 0);
    assert.notEqual(first.submissionId, second.submissionId);
  });

  promise('a name that reaches for somewhere else stays inside the target, or is refused', async (bench) => {
    for (const name of [
      '../up.pdf',
      '..\\up.pdf',
      '/etc/up.pdf',
      'C:\\up.pdf',
      'con.pdf',
      'a\u0000b.pdf',
      'a\u202eb.pdf',
      'x:y.pdf',
      '..',
      'blank. ',
    ]) {
      const before = (await bench.read()).length;
      const refused = await failureOf(submit(bench, [memoryDocument(name, name)]));
      const arrived = await bench.read();
      if (refused === undefined) {
        assert.equal(
          arrived.length,
          before + 1,
          `${JSON.stringify(name)} was taken, and is not in the target`,
        );
        assert.ok(
          arrived.some((a) => Buffer.from(a.bytes).equals(bytes(name))),
          `${JSON.stringify(name)} is not itself`,
        );
      } else {
        assert.ok(LanceurError.is(refused), `an error of another kind: ${messageOf(refused)}`);
        assert.equal(arrived.length, before, `${JSON.stringify(name)} was refused, and is in the target`);
      }
      // eslint-disable-next-line no-control-regex
      for (const a of arrived) assert.doesNotMatch(a.name, /[\\/\u0000-\u001f\u202e]/u);
    }
  });

  promise(
    'two submissions with a document of the same name both arrive, or one is refused',
    async (bench) => {
      await submit(bench, [memoryDocument('a.pdf', 'one')]);
      const refused = await failureOf(submit(bench, [memoryDocument('a.pdf', 'two')]));
      assert.ok(
        refused === undefined || LanceurError.is(refused),
        `an error of another kind: ${messageOf(refused)}`,
      );
      await assertArrived(bench, ...(refused === undefined ? ['one', 'two'] : ['one']).map(bytes));
    },
  );

  promise('names that differ in letter case only never overwrite each other', async (bench) => {
    await submit(bench, [memoryDocument('a.pdf', 'one')]);
    const refused = await failureOf(submit(bench, [memoryDocument('A.PDF', 'two')]));
    assert.ok(
      refused === undefined || LanceurError.is(refused),
      `an error of another kind: ${messageOf(refused)}`,
    );
    await assertArrived(bench, ...(refused === undefined ? ['one', 'two'] : ['one']).map(bytes));
  });

  promise('several submissions at once all arrive, each whole', async (bench) => {
    const contents = Array.from({ length: 12 }, (_, i) => large(40_000 + i, i));
    await Promise.all(
      contents.map((content, i) => submit(bench, [memoryDocument(`${String(i)}.pdf`, content)])),
    );
    await assertArrived(bench, ...contents);
  });

  promise(
    'several submissions at once of documents of one name never overwrite each other',
    async (bench) => {
      const contents = Array.from({ length: 6 }, (_, i) => bytes(`content ${String(i)}`));
      const outcomes = await Promise.all(
        contents.map((content) => failureOf(submit(bench, [memoryDocument('a.pdf', content)]))),
      );
      for (const failure of outcomes)
        assert.ok(failure === undefined || LanceurError.is(failure), messageOf(failure));
      await assertArrived(bench, ...contents.filter((_, i) => outcomes[i] === undefined));
    },
  );

  // ── the step that cannot be undone ──────────────────────────────────────────────────────────────────

  promise('nothing is in the COLD before beforePlacing has resolved', async (bench) => {
    const seen: number[] = [];
    await submit(bench, [memoryDocument('a.pdf', 'one'), memoryDocument('b.pdf', 'two')], {
      beforePlacing: async () => {
        seen.push((await bench.read()).length);
      },
    });
    assert.deepEqual(seen, [0]);
    await assertArrived(bench, bytes('one'), bytes('two'));
  });

  promise('beforePlacing is called once, with all that is going to be placed', async (bench) => {
    const calls: (readonly Sent[])[] = [];
    const documents = [memoryDocument('a.pdf', 'one'), memoryDocument('b.pdf', 'two')];
    const beforePlacing = (sent: readonly Sent[]) => {
      calls.push(sent);
      return Promise.resolve();
    };
    await submit(bench, documents, { beforePlacing });
    assert.equal(calls.length, 1);
    assertSent(calls[0] ?? [], [sentAs('a.pdf', bytes('one')), sentAs('b.pdf', bytes('two'))]);
  });

  promise('a beforePlacing that rejects places nothing, and its error comes out as it is', async (bench) => {
    const error = new LanceurError('LEASE_LOST', { name: 'a.pdf' });
    const documents = [memoryDocument('a.pdf', 'one'), memoryDocument('b.pdf', 'two')];
    const failure = await failureOf(submit(bench, documents, { beforePlacing: () => Promise.reject(error) }));
    assert.equal(failure, error);
    await assertArrived(bench);
  });

  promise(
    'a submission that failed before it was placed arrives once when it is tried again',
    async (bench) => {
      const options = { submissionId: 'submission-1' };
      const beforePlacing = () => Promise.reject(new LanceurError('LEASE_LOST', { name: 'a.pdf' }));
      assert.ok(
        await failureOf(submit(bench, [memoryDocument('a.pdf', 'one')], { ...options, beforePlacing })),
      );
      await submit(bench, [memoryDocument('a.pdf', 'one')], options);
      await assertArrived(bench, bytes('one'));
    },
  );

  promise('a document whose stream fails places nothing, and its error comes out as it is', async (bench) => {
    const error = new LanceurError('CHANGED', { name: 'b.pdf' });
    let placing = false;
    const documents = [memoryDocument('a.pdf', 'one'), brokenDocument('b.pdf', large(100_000), error)];
    const beforePlacing = () => {
      placing = true;
      return Promise.resolve();
    };
    assert.equal(await failureOf(submit(bench, documents, { beforePlacing })), error);
    assert.equal(placing, false, 'it was about to be placed');
    await assertArrived(bench);
  });

  promise('a submission that fails leaves no stream open', async (bench) => {
    const streams: Readable[] = [];
    const watched = (document: SourceDocument): SourceDocument => ({
      ...document,
      open: () => {
        const stream = document.open();
        streams.push(stream);
        return stream;
      },
    });
    const broken = brokenDocument('b.pdf', 'two', new LanceurError('GONE', { name: 'b.pdf' }));
    const documents = [
      memoryDocument('a.pdf', large(500_000)),
      broken,
      memoryDocument('c.pdf', large(500_000)),
    ];
    assert.ok(await failureOf(submit(bench, documents.map(watched))));
    assert.ok(streams.length > 0);
    assert.ok(
      streams.every((stream) => stream.destroyed),
      'a stream is still open',
    );
  });

  promise('an aborted submission places nothing', async (bench) => {
    const failure = await failureOf(
      submit(bench, [memoryDocument('a.pdf', 'one')], { signal: AbortSignal.abort() }),
    );
    assert.ok(LanceurError.is(failure, 'ABORTED'), messageOf(failure));
    await assertArrived(bench);
  });

  promise(
    'a submission that is aborted while it reads places nothing, and does not wait for the rest',
    async (bench) => {
      const controller = new AbortController();
      const stuck = () => {
        let reads = 0;
        return new Readable({
          read() {
            reads++;
            if (reads === 1) this.push(bytes('some'));
            else controller.abort(); // Nothing more ever comes.
          },
        });
      };
      const failure = await failureOf(
        submit(bench, [{ name: 'a.pdf', open: stuck }], { signal: controller.signal }),
      );
      assert.ok(LanceurError.is(failure, 'ABORTED'), messageOf(failure));
      await assertArrived(bench);
    },
  );

  promise('a document that is bigger than allowed is TOO_BIG, whatever size it announced', async (bench) => {
    const documents = [memoryDocument('a.pdf', large(100_001), { size: 1 })];
    const failure = await failureOf(submit(bench, documents, { documentBytes: 100_000 }));
    assert.ok(LanceurError.is(failure, 'TOO_BIG'), messageOf(failure));
    await assertArrived(bench);
    await submit(bench, [memoryDocument('a.pdf', large(100_000))], { documentBytes: 100_000 });
    await assertArrived(bench, large(100_000));
  });

  promise('what is there already is not placed again, and is in the receipt', async (bench) => {
    const have = [sentAs('a.pdf', bytes('one'))];
    const documents = [memoryDocument('a.pdf', 'one'), memoryDocument('b.pdf', 'two')];
    const receipt = await submit(bench, documents, { submissionId: 'submission-1', have });
    await assertArrived(bench, bytes('two'));
    assertSent(receipt.documents, [sentAs('a.pdf', bytes('one')), sentAs('b.pdf', bytes('two'))]);
  });

  // ── outages ─────────────────────────────────────────────────────────────────────────────────────────

  promise(
    'a target that is out blames no document: the error is of the target, and names its job',
    async (bench) => {
      const outage = needed(bench.outage?.bind(bench), 'outage');
      await outage(true);
      const failure = await failureOf(
        submit(bench, [memoryDocument('a.pdf', 'one')], { submissionId: 'submission-1' }),
      );
      assert.ok(LanceurError.is(failure), messageOf(failure));
      assert.equal(failure.scope, 'target');
      assert.equal(failure.job, bench.job);
      await outage(false);
      await assertArrived(bench);
      await submit(bench, [memoryDocument('a.pdf', 'one')], { submissionId: 'submission-1' });
      await assertArrived(bench, bytes('one'));
    },
    'outage',
  );

  promise(
    'a target that is out is no answer to find',
    async (bench) => {
      await submit(bench, [memoryDocument('a.pdf', 'one')], { submissionId: 'submission-1' });
      await needed(bench.outage?.bind(bench), 'outage')(true);
      const answer = await find(
        bench.submitter,
        planned(bench, 'submission-1', [sentAs('a.pdf', bytes('one'))]),
      ).then(
        ({ is }) => is,
        (error: unknown) => (LanceurError.is(error) ? error.scope : String(error)),
      );
      assert.ok(answer === 'target' || answer === 'unknown' || answer === 'found', `it answered ${answer}`);
    },
    'outage',
    'find',
  );

  // ── asking afterwards ───────────────────────────────────────────────────────────────────────────────

  promise(
    'what has arrived is found, in every process, until it is forgotten',
    async (bench) => {
      const calls: (readonly Sent[])[] = [];
      const receipt = await submit(bench, [memoryDocument('a.pdf', 'one'), memoryDocument('b.pdf', 'two')], {
        submissionId: 'submission-1',
        beforePlacing: (sent) => {
          calls.push(sent);
          return Promise.resolve();
        },
      });
      const asked = planned(bench, 'submission-1', calls[0] ?? []);
      for (const submitter of [bench.submitter, await bench.again(), await bench.again()]) {
        const found = await find(submitter, asked);
        assert.ok(found.is === 'found', `it is ${found.is}`);
        assert.equal(found.receipt.submissionId, 'submission-1');
        assertSent(found.receipt.documents, receipt.documents);
      }
      await assertArrived(bench, bytes('one'), bytes('two'));
    },
    'find',
  );

  promise(
    'what the COLD has taken meanwhile is never said to be absent',
    async (bench) => {
      let sent: readonly Sent[] = [];
      await submit(bench, [memoryDocument('a.pdf', 'one')], {
        submissionId: 'submission-1',
        beforePlacing: (s) => {
          sent = s;
          return Promise.resolve();
        },
      });
      await needed(bench.eat?.bind(bench), 'eat')();
      await assertArrived(bench);
      const asked = planned(bench, 'submission-1', sent);
      const found = await find(await bench.again(), asked);
      assert.ok(found.is === 'found' || found.is === 'unknown', `it is ${found.is}`);
    },
    'find',
    'eat',
  );

  promise(
    'what was never submitted is not found',
    async (bench) => {
      const found = await find(bench.submitter, planned(bench, 'never', [sentAs('a.pdf', bytes('one'))]));
      assert.ok(found.is === 'absent' || found.is === 'unknown', `it is ${found.is}`);
    },
    'find',
  );

  promise(
    'what was not placed is not found',
    async (bench) => {
      let sent: readonly Sent[] = [];
      const error = new LanceurError('LEASE_LOST', { name: 'a.pdf' });
      const failure = await failureOf(
        submit(bench, [memoryDocument('a.pdf', 'one')], {
          submissionId: 'submission-1',
          beforePlacing: (s) => {
            sent = s;
            return Promise.reject(error);
          },
        }),
      );
      assert.equal(failure, error);
      const found = await find(bench.submitter, planned(bench, 'submission-1', sent));
      assert.ok(found.is === 'absent' || found.is === 'unknown', `it is ${found.is}`);
    },
    'find',
  );

  promise(
    'another document of the same name does not pass for the one that was asked about',
    async (bench) => {
      await submit(bench, [memoryDocument('a.pdf', 'one')], { submissionId: 'submission-1' });
      const found = await find(
        bench.submitter,
        planned(bench, 'submission-2', [sentAs('a.pdf', bytes('one'))]),
      );
      assert.ok(found.is === 'absent' || found.is === 'unknown', `it is ${found.is}`);
    },
    'find',
  );

  promise(
    'an attempt that sleeps through a find places nothing when it wakes up',
    async (bench) => {
      let answer: Found | undefined;
      let asleep = true;
      const failure = await failureOf(
        submit(bench, [memoryDocument('a.pdf', 'one')], {
          submissionId: 'submission-1',
          beforePlacing: async (sent) => {
            // Just here the process froze, and another one took over.
            answer = await find(await bench.again(), planned(bench, 'submission-1', sent));
            asleep = false;
          },
        }),
      );
      assert.equal(asleep, false);
      assert.ok(answer?.is === 'absent' || answer?.is === 'unknown', `it is ${String(answer?.is)}`);
      if (answer.is === 'unknown') return;
      assert.ok(failure, 'it was said to be absent, and has arrived');
      await assertArrived(bench);
    },
    'find',
  );

  promise('forgetting is fine for what is there, twice, and for what never was', async (bench) => {
    await submit(bench, [memoryDocument('a.pdf', 'one')], { submissionId: 'submission-1' });
    await bench.submitter.forget?.(['submission-1', 'never']);
    await bench.submitter.forget?.(['submission-1']);
    await bench.submitter.forget?.([]);
    await assertArrived(bench, bytes('one'));
  });

  promise('the traits are the truth', (bench) => {
    const { submitter, job } = bench;
    assert.equal(submitter.find !== undefined, submitter.traits.find, 'traits.find and find() do not agree');
    assert.equal(
      submitter.traits.find,
      subject.without?.includes('find') !== true,
      "the subject's `without` is not true",
    );
    assert.ok(submitter.jobs?.includes(job) ?? true, 'it does not name the job that it has a target for');
    return Promise.resolve();
  });

  return cases;
}

function submit(
  { submitter, job }: SubmitterBench,
  documents: readonly SourceDocument[],
  options?: SubmitOptions,
): Promise<Receipt> {
  const group: DocumentGroup = { key: 'pdf', job, documents };
  return submitter.submit(group, options);
}

async function find(submitter: ColdSubmitter, asked: Planned): Promise<Found> {
  assert.ok(submitter.find, "the submitter has no find(): say so with without: ['find']");
  return submitter.find(asked);
}

function planned({ job }: SubmitterBench, id: string, sent: readonly Sent[]): Planned {
  return { id, key: 'pdf', job, documents: sent.map(({ name }) => name), sent };
}

async function failureOf(submission: Promise<Receipt>): Promise<unknown> {
  return submission.then(
    () => undefined,
    (error: unknown) => error ?? new Error('it was rejected without an error'),
  );
}

/** Exactly these contents are in the COLD, under whichever names. */
async function assertArrived(bench: SubmitterBench, ...contents: readonly Uint8Array[]): Promise<void> {
  const digests = (all: readonly Uint8Array[]) => all.map((content) => sentAs('', content).sha256).sort();
  const arrived = await bench.read();
  assert.deepEqual(
    arrived.map((a) => a.bytes.length).sort((a, b) => a - b),
    contents.map((content) => content.length).sort((a, b) => a - b),
    'other documents are in the COLD (compared by their sizes)',
  );
  assert.deepEqual(digests(arrived.map((a) => a.bytes)), digests(contents), 'other bytes are in the COLD');
}

function assertSent(found: readonly Sent[], expected: readonly Sent[]): void {
  const plain = (all: readonly Sent[]) =>
    all.map(({ name, size, sha256 }) => ({ name, size, sha256 })).sort((a, b) => (a.name < b.name ? -1 : 1));
  assert.deepEqual(plain(found), plain(expected));
}
