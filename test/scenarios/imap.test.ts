import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compose } from '../servers/compose.js';
import { DOVECOT, startDovecot, type Dovecot } from '../servers/dovecot.js';
import { needs } from '../support/needs.js';

const EXAMPLE = fileURLToPath(new URL('../../docs/examples/dist/mailbox.js', import.meta.url));
const HAS_DOVECOT = needs(DOVECOT.program, DOVECOT);

describe.skipIf(!HAS_DOVECOT)('a mailbox, a launcher with a ledger on disk, a waiting directory', () => {
  let server: Dovecot;
  let base: string;

  beforeAll(async () => {
    server = await startDovecot();
    base = await mkdtemp(join(tmpdir(), 'lanceur-imap-'));
  });

  afterAll(async () => {
    await server.stop();
    await rm(base, { recursive: true, force: true, maxRetries: 5 });
  });

  async function run(): Promise<readonly string[]> {
    const args = [
      EXAMPLE,
      '127.0.0.1',
      String(server.ports.imap),
      join(base, 'wait'),
      join(base, 'ledger.db'),
    ];
    const env = { ...process.env, MAIL_USER: server.user, MAIL_PASSWORD: server.password };
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    return stdout.trim().split('\n');
  }

  test('attachments arrive, mails are moved, what nothing wants stays, and the next process takes nothing twice', async () => {
    await mkdir(join(base, 'wait'));
    const pdf = (name: string) => ({ name, content: Buffer.from(`content of ${name}`) });
    await server.deliver(compose({ subject: 'two', attachments: [pdf('a.pdf'), pdf('b.pdf')] }));
    await server.deliver(compose({ subject: 'one', attachments: [pdf('délibération.pdf')] }));
    await server.deliver(compose({ subject: 'none', attachments: [pdf('notes.txt')] }));
    const first = await run();
    expect(first.at(-1)).toBe('2 accepted, 0 rejected, 0 not settled');
    expect(first[0]).toMatch(
      /^none: holds no document that is wanted here: notes\.txt: its name is not accepted/u,
    );
    const names = (await readdir(join(base, 'wait'))).filter((name) => !name.startsWith('.')).sort();
    expect(names).toEqual(['a.pdf', 'b.pdf', 'délibération.pdf']);
    for (const name of names) {
      expect(await readFile(join(base, 'wait', name), 'utf8')).toBe(`content of ${name}`);
    }
    expect(await server.messages()).toHaveLength(1);
    expect(await server.messages({ mailbox: 'Trait&AOk-s' })).toHaveLength(2);
    expect((await run()).at(-1)).toBe('0 accepted, 0 rejected, 0 not settled');
    expect((await readdir(join(base, 'wait'))).filter((name) => !name.startsWith('.'))).toHaveLength(3);
  });
});
