import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { LanceurError } from '@lanceur/core';
import type { DocumentGroup, Sent, SourceDocument } from '@lanceur/core';
import { memoryDocument, sentAs } from '@lanceur/core/testing';
import type { UploadProgress } from '@lanceur/protocols/ezged';
import { documentsIn, type EzgedDouble } from '../../servers/ezged.js';
import {
  aDouble,
  callsOf,
  failureOf,
  MORE_THAN_BUFFERS,
  submitterFor,
  TOKEN,
  watchedClock,
  type WatchedClock,
} from './bench.js';

function group(...documents: readonly SourceDocument[]): DocumentGroup {
  return { key: 'pdf', job: '87', documents };
}

function namesIn(double: EzgedDouble): readonly string[] {
  return documentsIn(double.waiting('factures'))
    .map(({ name }) => name)
    .sort();
}

/** Lets half a minute pass again and again until it is over. */
async function passing(clock: WatchedClock, task: Promise<unknown>): Promise<void> {
  const progress = { isOver: false };
  void task.then(() => (progress.isOver = true));
  while (!progress.isOver) await clock.advance(30_000);
}

describe('a document', () => {
  test('is sent with its length, to the waiting directory of its job, by the token', async () => {
    const double = await aDouble({ waitDirs: ['factures', 'plans'] });
    const submitter = submitterFor(double, { jobs: { '87': 'factures', '12': 'plans' } });
    await submitter.submit({ key: 'tif', job: '12', documents: [memoryDocument('a.tif', 'one')] });
    expect(double.uploads).toMatchObject([{ waitDir: 'plans', size: 3, contentLength: true }]);
    const { params, headers, method } = double.calls.at(-1)!;
    expect(method).toBe('POST');
    expect(Object.keys(params)).toEqual(['sessionid', 'token', 'mode', 'waitdir', 'name']);
    expect(params).toMatchObject({ token: TOKEN, mode: 'cold', waitdir: 'plans' });
    expect(headers['transfer-encoding']).toBeUndefined();
  });

  test('bears the beginning of its submission’s id in its name, in front of the extension', async () => {
    const double = await aDouble();
    const id = '3f2a9c1e7b04d5c60718293a4b5c6d7e';
    const receipt = await submitterFor(double).submit(
      group(
        memoryDocument('facture n° 12.PDF', 'x'),
        memoryDocument('README', 'y'),
        memoryDocument('.profile', 'z'),
      ),
      { submissionId: id },
    );
    const names = ['.profile-3f2a9c1e7b04', 'README-3f2a9c1e7b04', 'facture n° 12-3f2a9c1e7b04.PDF'];
    expect(namesIn(double)).toEqual(names);
    expect(receipt.documents.map(({ placedAs }) => placedAs).sort()).toEqual(names);
  });

  test('keeps all of the id in its name, however long that is', async () => {
    const double = await aDouble();
    await submitterFor(double).submit(group(memoryDocument(`${'é'.repeat(115)}.pdf`, 'x')), {
      submissionId: 'not a digest',
    });
    const [name = ''] = namesIn(double);
    expect(name).toMatch(/^é+-[0-9a-f]{12}\.pdf$/u);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(240);
  });

  const names = [
    'Délibération n° 12 – école élémentaire.pdf',
    '請求書 2026.pdf',
    'счёт.pdf',
    'فاتورة.pdf',
    'facture 🧾.pdf',
    'a&token=other&waitdir=plans.pdf',
    'a%26b%00.pdf',
    'a+b c.pdf',
    "l'été; d'été=1.pdf",
    'a#b.pdf',
  ];
  test.each(names)('called %s arrives under that name', async (name) => {
    const double = await aDouble({ waitDirs: ['factures', 'plans'] });
    await submitterFor(double, { nameWithSubmissionId: false }).submit(group(memoryDocument(name, 'x')));
    expect(namesIn(double)).toEqual([name.normalize('NFC')]);
    expect(documentsIn(double.waiting('plans'))).toEqual([]);
  });

  test.each([
    ['a\r\nX-Evil: 1\r\n\r\n.pdf', 'a__X-Evil_ 1____.pdf'],
    ['"; filename="b.exe', '_; filename=_b.exe'],
    ['../../autre/a.pdf', '.._.._autre_a.pdf'],
    ['..\\a.pdf', '.._a.pdf'],
    ['a\ud800b.pdf', 'a_b.pdf'],
  ])('called %j changes nothing but its own name', async (name, placed) => {
    const double = await aDouble();
    await submitterFor(double, { nameWithSubmissionId: false }).submit(group(memoryDocument(name, 'x')));
    expect(namesIn(double)).toEqual([placed]);
    expect(Object.keys(double.calls.at(-1)!.params)).toHaveLength(5);
    expect(double.calls.at(-1)!.headers['x-evil']).toBeUndefined();
  });

  test.each(['../factures', 'a/b', 'a\\b', '..', '', 'a\r\nb', 'C:', ' '])(
    'does not go to a waiting directory called %j: the option is refused',
    async (name) => {
      const double = await aDouble();
      expect(() => submitterFor(double, { jobs: { '87': name } })).toThrow(/jobs\['87'\]/u);
    },
  );

  test('is read once, and told of as it goes', async () => {
    const double = await aDouble();
    let opened = 0;
    const told: UploadProgress[] = [];
    const submitter = submitterFor(double, {
      onProgress: (progress) => {
        told.push(progress);
        throw new Error('a progress bar that fails');
      },
    });
    const document = memoryDocument('a.pdf', Buffer.alloc(1_000_000, 1));
    const counted = { ...document, open: () => (opened++, document.open()) };
    await submitter.submit(group(counted), { submissionId: 'S1' });
    expect(opened).toBe(1);
    expect(told.at(-1)).toEqual({
      submissionId: 'S1',
      job: '87',
      name: 'a.pdf',
      sent: 1_000_000,
      size: 1_000_000,
    });
  });

  test.each([undefined, 1, 5_000_000])('that says it has %s bytes is measured first', async (size) => {
    const double = await aDouble();
    const content = Buffer.alloc(1_000_000, 1);
    const { open } = memoryDocument('a.pdf', content);
    const document = { name: 'a.pdf', open, ...(size !== undefined && { size }) };
    const receipt = await submitterFor(double).submit(group(document));
    expect(receipt.documents).toMatchObject([{ size: 1_000_000, sha256: sentAs('', content).sha256 }]);
    expect(double.uploads).toMatchObject([{ size: 1_000_000 }]);
  });

  test('that says every time that it has another size is CHANGED, and not there', async () => {
    const double = await aDouble();
    let size = 10;
    const open = (): Readable => Readable.from([Buffer.alloc(++size)], { objectMode: false });
    const failure = await failureOf(submitterFor(double).submit(group({ name: 'a.pdf', open })));
    expect(failure).toMatchObject({ code: 'CHANGED' });
    expect(double.uploads).toEqual([]);
  });

  test('that is held back by beforePlacing is not there until it resolves, though all but its end has been sent', async () => {
    const double = await aDouble();
    let there: readonly string[] | undefined;
    await submitterFor(double).submit(group(memoryDocument('a.pdf', Buffer.alloc(3_000_000))), {
      beforePlacing: async () => {
        there = namesIn(double);
      },
    });
    expect(there).toEqual([]);
    expect(namesIn(double)).toHaveLength(1);
  });

  test('that cannot be taken any further is stalled, not in doubt, before its end is sent', async () => {
    const clock = watchedClock();
    const double = await aDouble({
      fault: ({ service }) => (service === 'pupload' ? { is: 'stall', afterBytes: 1 } : undefined),
    });
    const submitter = submitterFor(double, { clock, timeouts: { keepaliveMs: 3_600_000, stallMs: 60_000 } });
    const failed = failureOf(
      submitter.submit(group(memoryDocument('a.pdf', Buffer.alloc(MORE_THAN_BUFFERS)))),
    );
    await double.called('pupload', 1);
    await passing(clock, failed);
    expect(await failed).toMatchObject({ code: 'EZGED_STALLED', scope: 'target', job: '87' });
  });

  test('whose answer never comes is in doubt after a while', async () => {
    const clock = watchedClock();
    const double = await aDouble({
      fault: ({ service }) => (service === 'pupload' ? { is: 'stall' } : undefined),
    });
    const submitter = submitterFor(double, { clock, timeouts: { keepaliveMs: 3_600_000 } });
    const failed = failureOf(submitter.submit(group(memoryDocument('a.pdf', 'one'))));
    await double.called('pupload', 1);
    await passing(clock, failed);
    const failure = await failed;
    expect(failure).toMatchObject({ code: 'IN_DOUBT' });
    expect((failure as LanceurError).cause).toMatchObject({ code: 'EZGED_STALLED' });
  });

  test('is not given up because its source is slow', async () => {
    const clock = watchedClock();
    const double = await aDouble();
    const submitter = submitterFor(double, { clock, timeouts: { keepaliveMs: 3_600_000, stallMs: 60_000 } });
    const stream = new Readable({ read: () => undefined });
    stream.push('on');
    const submitted = submitter.submit(group({ name: 'a.pdf', size: 3, open: () => stream }));
    await double.called('sec/authenticate', 1);
    await clock.asleepFor(30_000);
    for (let n = 0; n < 10; n++) await clock.advance(30_000);
    stream.push('e');
    stream.push(null);
    await submitted;
    expect(namesIn(double)).toHaveLength(1);
  });

  test('is finished, not cut, when it is stopped after its end was sent', async () => {
    const clock = watchedClock();
    const double = await aDouble({
      clock,
      fault: ({ service }) => (service === 'pupload' ? { is: 'slow', ms: 777 } : undefined),
    });
    const stop = new AbortController();
    const submitted = submitterFor(double).submit(group(memoryDocument('a.pdf', 'one')), {
      signal: stop.signal,
    });
    await clock.asleepFor(777);
    stop.abort();
    await clock.advance(777);
    await submitted;
    expect(namesIn(double)).toHaveLength(1);
  });

  test('waits for its turn, and no longer once it is stopped', async () => {
    const double = await aDouble();
    let most = 0;
    let now = 0;
    const busy = new Map<string, () => void>();
    const slow = (name: string): SourceDocument => ({
      name,
      size: 1,
      open: () => {
        most = Math.max(most, ++now);
        const stream = new Readable({ read: () => undefined });
        busy.set(name, () => {
          now--;
          stream.push('x');
          stream.push(null);
        });
        return stream;
      },
    });
    const submitter = submitterFor(double, { connections: 2 });
    const stop = new AbortController();
    const first = ['a', 'b'].map((name) => submitter.submit(group(slow(name))));
    const stopped = failureOf(submitter.submit(group(slow('c')), { signal: stop.signal }));
    const last = submitter.submit(group(slow('d')));
    stop.abort();
    expect(await stopped).toMatchObject({ code: 'ABORTED' });
    while (busy.size < 2) await new Promise((turn) => setImmediate(turn));
    for (const name of ['a', 'b']) busy.get(name)?.();
    await Promise.all(first);
    while (!busy.has('d')) await new Promise((turn) => setImmediate(turn));
    busy.get('d')?.();
    await last;
    expect(most).toBe(2);
    expect(busy.has('c')).toBe(false);
  });
});

describe('a group of several documents', () => {
  const documents = ['a.pdf', 'b.pdf', 'c.pdf'].map((name) => memoryDocument(name, name));
  const large = memoryDocument('b.pdf', Buffer.alloc(MORE_THAN_BUFFERS, 2));

  test('that fails in the middle says what is there all the same', async () => {
    const double = await aDouble();
    double.fault = ({ params, service }) =>
      service === 'pupload' && params['name']?.startsWith('b') === true
        ? { is: 'cut', when: 'while', afterBytes: 1_000 }
        : undefined;
    const submitter = submitterFor(double);
    const all = group(documents[0]!, large, documents[2]!);
    const failure = await failureOf(submitter.submit(all, { submissionId: 'S1' }));
    expect(failure).toMatchObject({ code: 'EZGED_UNREACHABLE', job: '87' });
    const have = (failure as LanceurError).have ?? [];
    expect(have).toMatchObject([sentAs('a.pdf', Buffer.from('a.pdf'))]);
    double.fault = undefined;
    const receipt = await submitter.submit(all, { submissionId: 'S1', have });
    expect(receipt.documents.map(({ name }) => name)).toEqual(['a.pdf', 'b.pdf', 'c.pdf']);
    expect(double.uploads.map(({ asked }) => asked.charAt(0))).toEqual(['a', 'b', 'c']);
  });

  test('says so too when one of them is in doubt, is refused, or cannot be read any more', async () => {
    const double = await aDouble();
    const submitter = submitterFor(double);
    let reads = 0;
    const unreadable = {
      ...memoryDocument('b.pdf', 'b.pdf'),
      open: () => {
        if (++reads > 1) throw new Error('the disk is gone');
        return Readable.from(
          ['b.pdf'].map((text) => Buffer.from(text)),
          { objectMode: false },
        );
      },
    };
    const [a, b, c] = documents as [SourceDocument, SourceDocument, SourceDocument];
    const cases = [
      { code: 'IN_DOUBT', fault: { is: 'cut', when: 'done' } as const, second: b },
      {
        code: 'DOCUMENT_REFUSED',
        fault: { is: 'refuse', errorcode: 9, errormsg: 'non' } as const,
        second: b,
      },
      { code: 'DOCUMENT_UNREADABLE', fault: undefined, second: unreadable },
    ];
    for (const { code, fault, second } of cases) {
      double.fault = ({ params, service }) =>
        service === 'pupload' && params['name']?.startsWith('b') === true ? fault : undefined;
      const failure = await failureOf(submitter.submit(group(a, second, c)));
      expect(failure).toMatchObject({ code });
      expect((failure as LanceurError).have).toMatchObject([{ name: 'a.pdf' }]);
    }
  });

  test('is noted as a whole before the first of them is there', async () => {
    const double = await aDouble();
    const noted: (readonly Sent[])[] = [];
    await submitterFor(double).submit(group(...documents), {
      beforePlacing: async (sent) => {
        noted.push(sent);
        expect(double.uploads).toEqual([]);
      },
    });
    expect(noted).toHaveLength(1);
    expect(noted[0]?.map(({ name }) => name)).toEqual(['a.pdf', 'b.pdf', 'c.pdf']);
  });

  test('one of which changes after it was noted goes no further', async () => {
    const double = await aDouble();
    let reads = 0;
    const changing = {
      name: 'b.pdf',
      open: () => Readable.from([Buffer.from(`b${String(reads++)}`)], { objectMode: false }),
    };
    const failure = await failureOf(submitterFor(double).submit(group(documents[0]!, changing)));
    expect(failure).toMatchObject({ code: 'CHANGED' });
    expect((failure as LanceurError).have).toMatchObject([{ name: 'a.pdf' }]);
    expect(double.uploads).toHaveLength(1);
  });

  test('has its manifest last, which names the documents as they are called there', async () => {
    const double = await aDouble();
    await submitterFor(double, { manifest: true }).submit(group(...documents), {
      submissionId: 'S1',
      attributes: { subject: 'Facture' },
    });
    expect(double.uploads.map(({ asked }) => asked.replace(/-[0-9a-f]{12}/u, ''))).toEqual([
      'a.pdf',
      'b.pdf',
      'c.pdf',
      'a.json',
    ]);
    const manifest: unknown = JSON.parse(
      documentsIn(double.waiting('factures'))
        .find(({ name }) => name.endsWith('.json'))!
        .bytes.toString(),
    );
    expect(manifest).toMatchObject({
      submissionId: 'S1',
      job: '87',
      group: 'pdf',
      attributes: { subject: 'Facture' },
      documents: double.uploads.slice(0, 3).map(({ name, size }) => ({ name, size })),
    });
  });
});

test('a submission after close opens a session again', async () => {
  const double = await aDouble();
  const submitter = submitterFor(double);
  await submitter.submit(group(memoryDocument('a.pdf', 'one')));
  await submitter.close();
  await submitter.submit(group(memoryDocument('b.pdf', 'two')));
  expect(callsOf(double, 'sec/authenticate')).toBe(2);
});
