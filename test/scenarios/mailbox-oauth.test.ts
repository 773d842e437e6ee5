// Rows of a scenario with OAuth 2, against Dovecot: by a refresh token in a file, and by client credentials.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { memoryLedger } from '@lanceur/core';
import { createLauncher, createSubmitter, parseScenario } from '@lanceur/core/scenario';
import { ezged } from '@lanceur/protocols/ezged';
import { imapProtocol } from '@lanceur/protocols/imap';
import { popProtocol } from '@lanceur/protocols/pop3';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compose } from '../servers/compose.js';
import { DOVECOT, startDovecot, type Dovecot } from '../servers/dovecot.js';
import { startIntrospection, type Introspection } from '../servers/introspection.js';
import { needs } from '../support/needs.js';

describe.skipIf(!needs(DOVECOT.program, DOVECOT))('a mailbox’s row with OAuth 2', () => {
  let introspection: Introspection;
  let dovecot: Dovecot;
  let endpoint: Server;
  let base: string;
  /** The one refresh token that is good now. */
  let refreshToken = 'refresh-1';

  beforeAll(async () => {
    introspection = await startIntrospection();
    dovecot = await startDovecot({ introspection: introspection.url });
    base = await mkdtemp(join(tmpdir(), 'lanceur-oauth-'));
    endpoint = createServer((request, response) => {
      void text(request).then((body) => {
        const asked = new URLSearchParams(body);
        const isRefresh = asked.get('grant_type') === 'refresh_token';
        const isGood = isRefresh
          ? asked.get('refresh_token') === refreshToken
          : asked.get('client_secret') === 'app-secret' && asked.get('scope') === 'mail';
        if (isGood && isRefresh) refreshToken = `refresh-${randomUUID()}`;
        const access = `access-${randomUUID()}`;
        if (isGood) introspection.tokens.set(access, dovecot.user);
        response.writeHead(isGood ? 200 : 400, { 'content-type': 'application/json' });
        response.end(
          JSON.stringify(
            isGood
              ? {
                  access_token: access,
                  token_type: 'Bearer',
                  ...(isRefresh && { refresh_token: refreshToken }),
                }
              : { error: 'invalid_grant' },
          ),
        );
      });
    }).listen(0, '127.0.0.1');
    await once(endpoint, 'listening');
  });

  afterAll(async () => {
    endpoint.closeAllConnections();
    await once(endpoint.close(), 'close');
    await dovecot.stop();
    await introspection.stop();
    await rm(base, { recursive: true, force: true, maxRetries: 5 });
  });

  /** One run by a process that knows nothing but the file. */
  async function run(row: object, oauth: object): Promise<number> {
    const wait = join(base, 'wait');
    await mkdir(wait, { recursive: true });
    await mkdir(join(base, 'spool'), { recursive: true });
    const { port } = endpoint.address() as AddressInfo;
    const scenario = parseScenario(
      JSON.stringify({
        timeZone: 'Europe/Paris',
        ledger: join(base, 'ledger.db'),
        spool: join(base, 'spool'),
        jobs: { '88': { waitingDirectory: wait } },
        launchers: [
          {
            id: '20',
            host: '127.0.0.1',
            tls: 'none',
            user: dovecot.user,
            jobs: [{ extension: 'pdf', job: '88' }],
            schedules: [{ minutes: '*' }],
            ...row,
            oauth: {
              tokenEndpoint: `http://127.0.0.1:${String(port)}/token`,
              clientId: 'app',
              ...oauth,
            },
          },
        ],
      }),
    );
    const launcher = createLauncher(scenario.launchers[0]!, {
      protocols: [imapProtocol, popProtocol],
      submitter: createSubmitter(scenario, { waitingDirectory, ezged }),
      ledger: memoryLedger(),
      spool: join(base, 'spool'),
    });
    try {
      return (await launcher.run()).counts.accepted;
    } finally {
      await launcher.close();
    }
  }

  const imapRow = () => ({ protocol: 'imap', port: dovecot.ports.imap, after: 'remove' });

  async function deliver(name: string): Promise<void> {
    await dovecot.deliver(compose({ subject: name, attachments: [{ name, content: Buffer.from(name) }] }));
  }

  test('by a refresh token in a file, which is replaced there: the next process goes on with it', async () => {
    const file = join(base, 'refresh-token');
    await writeFile(file, `${refreshToken}\n`);
    for (const name of ['one.pdf', 'two.pdf']) {
      await deliver(name);
      expect(await run(imapRow(), { refreshToken: { file } })).toBe(1);
      expect(await readFile(file, 'utf8')).toBe(refreshToken);
    }
    expect(await readdir(join(base, 'wait'))).toEqual(expect.arrayContaining(['one.pdf', 'two.pdf']));
  });

  test('by client credentials, whose secret is in a file', async () => {
    const file = join(base, 'client-secret');
    await writeFile(file, 'app-secret\n');
    const oauth = { clientSecret: { file }, scope: 'mail' };
    await deliver('three.pdf');
    expect(await run({ protocol: 'pop', port: dovecot.ports.pop3 }, oauth)).toBe(1);
    expect(await readdir(join(base, 'wait'))).toContain('three.pdf');
  });

  test('a refusal names the endpoint and its word, and no secret', async () => {
    const file = join(base, 'wrong');
    await writeFile(file, 'not-it');
    await expect(run(imapRow(), { refreshToken: { file } })).rejects.toMatchObject({
      code: 'TOKEN_REFUSED',
      message: expect.stringMatching(/^(?!.*not-it).*127\.0\.0\.1.*invalid_grant/u) as string,
    });
  });
});
