import { execFileSync } from 'node:child_process';
import { appendFile, link, open as openFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import type { SourceDocument } from '@lanceur/core';
import { describe, expect, test } from 'vitest';
import { bench, find, hastyClock, listed, using, type Bench } from './bench.js';
import { fsError, interposed, type FileCall } from './interposed.js';
import type { DirectoryOptions } from '@lanceur/protocols/directory';

const posix = process.platform !== 'win32';

/** Opens a.pdf, lets something happen, and reads it. */
async function readAfter(
  b: Bench,
  happens: () => Promise<void>,
  options: Partial<DirectoryOptions> = {},
): Promise<Buffer> {
  return using(b.listener(options), async (session) => {
    const { documents } = await session.open(find(await listed(session), 'a.pdf'));
    await happens();
    return contentOf(documents[0]);
  });
}

async function contentOf(document: SourceDocument | undefined): Promise<Buffer> {
  if (document === undefined) throw new Error('nothing was delivered');
  return Buffer.concat(await document.open().toArray());
}

describe('a document that is not what was listed', () => {
  test('rewritten in place: CHANGED', async () => {
    const b = await bench();
    await b.write('a.pdf', 'before');
    await expect(readAfter(b, () => b.write('a.pdf', 'after, and longer'))).rejects.toMatchObject({
      code: 'CHANGED',
    });
  });

  test('swapped for another one of the same size and mtime: CHANGED', async () => {
    const b = await bench();
    await b.write('a.pdf', 'before');
    await utimes(b.at('a.pdf'), 1_700_000_000, 1_700_000_000);
    await b.write('b.pdf', 'after!');
    await utimes(b.at('b.pdf'), 1_700_000_000, 1_700_000_000);
    await expect(readAfter(b, () => rename(b.at('b.pdf'), b.at('a.pdf')))).rejects.toMatchObject({
      code: 'CHANGED',
    });
  });

  test('taken away: GONE', async () => {
    const b = await bench();
    await b.write('a.pdf');
    await expect(readAfter(b, () => rm(b.at('a.pdf')))).rejects.toMatchObject({ code: 'GONE' });
  });

  test.runIf(posix)('swapped for a link, a pipe or a folder: never followed, never waited for', async () => {
    const b = await bench();
    const swaps = [
      () => symlink('/etc/passwd', b.at('a.pdf')),
      () => Promise.resolve(void execFileSync('mkfifo', [b.at('a.pdf')])),
      () => b.write('a.pdf/x'),
    ];
    for (const swap of swaps) {
      await rm(b.at('a.pdf'), { recursive: true, force: true });
      await b.write('a.pdf');
      const read = readAfter(b, async () => {
        await rm(b.at('a.pdf'));
        await swap();
      });
      await expect(read).rejects.toMatchObject({
        code: expect.stringMatching(/^(?:CHANGED|GONE|DOCUMENT_UNREADABLE)$/u) as string,
      });
    }
  });

  test('a file that grows for ever ends in CHANGED, after its listed size at the latest', async () => {
    const b = await bench();
    await b.write('a.pdf', Buffer.alloc(1_000_000));
    let read = 0;
    const fs = interposed({
      async before(name) {
        if (name !== 'readNext') return;
        read++;
        await appendFile(b.at('a.pdf'), Buffer.alloc(300_000));
      },
    });
    await expect(readAfter(b, () => Promise.resolve(), { fs })).rejects.toMatchObject({ code: 'CHANGED' });
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(6);
  });

  test('one that is cut short while it is read ends in CHANGED', async () => {
    const b = await bench();
    await b.write('a.pdf', Buffer.alloc(1_000_000));
    const fs = interposed({
      async before(name) {
        if (name !== 'readNext') return;
        const file = await openFile(b.at('a.pdf'), 'r+');
        await file.truncate(1000);
        await file.close();
      },
    });
    await expect(readAfter(b, () => Promise.resolve(), { fs })).rejects.toMatchObject({ code: 'CHANGED' });
  });

  test('a name added to it since (hard link) is a change as well', async () => {
    const b = await bench();
    await b.write('a.pdf');
    await expect(readAfter(b, () => link(b.at('a.pdf'), b.at('b.pdf')))).rejects.toMatchObject({
      code: 'CHANGED',
    });
  });
});

describe('reading', () => {
  test('opens nothing before it is read from, and a small document in one call', async () => {
    const b = await bench();
    await b.write('a.pdf', 'content');
    const calls: FileCall[] = [];
    const fs = interposed({ before: (name) => void calls.push(name) });
    await using(b.listener({ fs }), async (session) => {
      const { documents } = await session.open(find(await listed(session), 'a.pdf'));
      const stream = documents[0]?.open();
      expect(calls).not.toContain('open');
      calls.length = 0;
      expect(Buffer.concat((await stream?.toArray()) ?? []).toString()).toBe('content');
      expect(calls).toEqual(['open']);
    });
  });

  test('gives a file back that is let go halfway', async () => {
    const b = await bench();
    await b.write('a.pdf', Buffer.alloc(3_000_000));
    let open = 0;
    const fs = interposed({
      after(name) {
        if (name === 'open') open++;
        if (name === 'close') open--;
      },
    });
    await using(b.listener({ fs }), async (session) => {
      const { documents } = await session.open(find(await listed(session), 'a.pdf'));
      const stream = documents[0]?.open();
      if (stream === undefined) throw new Error('nothing was delivered');
      await once(stream, 'readable');
      expect(open).toBe(1);
      stream.destroy();
      await once(stream, 'close');
    });
    expect(open).toBe(0);
  });

  test('waits a little for another program that holds the file, then says so, as something that may heal', async () => {
    const b = await bench();
    await b.write('a.pdf', 'content');
    const { clock, slept } = hastyClock();
    let held = 2;
    const fs = interposed({
      before(name) {
        if (name === 'open' && held-- > 0) throw fsError('EBUSY');
      },
    });
    const nothing = () => Promise.resolve();
    expect(String(await readAfter(b, nothing, { fs, clock }))).toBe('content');
    expect(slept).toEqual([50, 150]);
    held = Infinity;
    await expect(readAfter(b, nothing, { fs, clock })).rejects.toMatchObject({
      code: 'DOCUMENT_UNREADABLE',
      scope: 'document',
      transient: true,
    });
  });

  test('tells where the document was and when it was modified', async () => {
    const b = await bench({ recursive: true });
    await b.write('2026/a.pdf');
    await utimes(b.at('2026', 'a.pdf'), 1_700_000_000, 1_700_000_000);
    await using(b.listener(), async (session) => {
      const { attributes } = await session.open(find(await listed(session), '2026/a.pdf'));
      expect(attributes).toEqual({ path: '2026/a.pdf', modified: '2023-11-14T22:13:20.000Z' });
    });
  });

  test('a session that is closed or aborted says so', async () => {
    const b = await bench();
    await writeFile(b.at('a.pdf'), 'x');
    const stop = new AbortController();
    const session = await b.listener().connect({ signal: stop.signal });
    const [ref] = await listed(session);
    if (ref === undefined) throw new Error('nothing is listed');
    stop.abort();
    await expect(session.open(ref)).rejects.toMatchObject({ code: 'ABORTED' });
    await session.close();
    await expect(session.open(ref)).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
