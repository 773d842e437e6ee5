import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { inFrench, LanceurError } from '@lanceur/core';
import { virtualClock } from '@lanceur/core/testing';
import { clientCredentials, refreshTokens } from '@lanceur/protocols/pop3';
import { expect, onTestFinished, test } from 'vitest';
import { freePorts } from '../../servers/port.js';

interface Answer {
  readonly status?: number;
  readonly body: unknown;
}

/** A token endpoint that answers what it is told to; the requests that it got. */
async function endpoint(...answers: readonly Answer[]) {
  const requests: Record<string, string>[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      requests.push(Object.fromEntries(new URLSearchParams(body)));
      const answer = answers[Math.min(requests.length, answers.length) - 1];
      response.writeHead(answer?.status ?? 200, { 'content-type': 'application/json' });
      response.end(typeof answer?.body === 'string' ? answer.body : JSON.stringify(answer?.body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    const closed = once(server, 'close');
    server.close();
    await closed;
  });
  return {
    tokenEndpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/token`,
    requests,
  };
}

const token = (access_token: string, more: object = {}) => ({
  body: { access_token, token_type: 'Bearer', expires_in: 3600, ...more },
});

test('a refresh token is exchanged for access tokens, which are kept while they are good', async () => {
  const clock = virtualClock();
  const { tokenEndpoint, requests } = await endpoint(token('one'), token('two'));
  const get = refreshTokens({
    tokenEndpoint,
    clientId: 'app',
    clientSecret: 'hush',
    refreshToken: 'r1',
    scope: 'mail',
    clock,
  });
  expect(await Promise.all([get(), get()])).toEqual(['one', 'one']);
  await clock.advance(3_539_000);
  expect(await get()).toBe('one');
  await clock.advance(2000);
  expect(await get()).toBe('two');
  expect(requests).toHaveLength(2);
  expect(requests[0]).toMatchObject({
    grant_type: 'refresh_token',
    refresh_token: 'r1',
    client_id: 'app',
    client_secret: 'hush',
    scope: 'mail',
  });
});

test('a refresh token that is rotated is kept, and used from then on', async () => {
  const kept: string[] = [];
  const { tokenEndpoint, requests } = await endpoint(token('one', { refresh_token: 'r2' }), token('two'));
  const get = refreshTokens({
    tokenEndpoint,
    clientId: 'app',
    refreshToken: 'r1',
    onRotated: (t) => void kept.push(t),
  });
  await get();
  expect(await get({ fresh: true })).toBe('two');
  expect(kept).toEqual(['r2']);
  expect(requests.map((r) => r['refresh_token'])).toEqual(['r1', 'r2']);
});

/**
 * An endpoint of the strict kind: each refresh token is good once, and brings the next one. A refusal is sent once
 * `refusing` has resolved.
 */
async function strictEndpoint(refusing: () => Promise<unknown> = () => Promise.resolve()) {
  let number = 1;
  const server = createServer((request, response) => {
    void text(request).then(async (body) => {
      const isGood = new URLSearchParams(body).get('refresh_token') === `r${String(number)}`;
      if (isGood) number++;
      const good = {
        access_token: `a${String(number)}`,
        token_type: 'Bearer',
        refresh_token: `r${String(number)}`,
      };
      if (!isGood) await refusing();
      response.writeHead(isGood ? 200 : 400, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isGood ? good : { error: 'invalid_grant' }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/token`;
}

test('two that share a refresh token take what the other has left, by turns and at once', async () => {
  const keeping = new EventEmitter();
  let kept = 'r1';
  const tokenEndpoint = await strictEndpoint(async () => kept === 'r6' || (await once(keeping, 'r6')));
  const onRotated = (next: string): void => {
    kept = next;
    keeping.emit(next);
  };
  const make = () => refreshTokens({ tokenEndpoint, clientId: 'app', refreshToken: () => kept, onRotated });
  const [one, other] = [make(), make()];
  expect(await one()).toBe('a2');
  expect(await other()).toBe('a3');
  expect(await one({ fresh: true })).toBe('a4');
  expect(await other({ fresh: true })).toBe('a5');
  // Both read r5: whose comes second is refused, and finds what the first has kept.
  const both = await Promise.all([one({ fresh: true }), other({ fresh: true })]);
  expect(both.sort()).toEqual(['a6', 'a7']);
});

test('a refresh token that has been replaced is used on where its function goes on giving the old one', async () => {
  const tokenEndpoint = await strictEndpoint();
  const get = refreshTokens({ tokenEndpoint, clientId: 'app', refreshToken: () => 'r1' });
  expect(await get()).toBe('a2');
  expect(await get({ fresh: true })).toBe('a3');
});

test('client credentials', async () => {
  const { tokenEndpoint, requests } = await endpoint(token('one'));
  const get = clientCredentials({
    tokenEndpoint,
    clientId: 'app',
    clientSecret: () => 'hush',
    scope: 'https://outlook.office365.com/.default',
  });
  expect(await get()).toBe('one');
  expect(requests[0]).toMatchObject({
    grant_type: 'client_credentials',
    scope: 'https://outlook.office365.com/.default',
  });
});

test('a refusal says why, in the words of OAuth, and no secret', async () => {
  const body = { error: 'invalid_grant', error_description: 'r1-S3CRET has expired for hush-S3CRET' };
  const { tokenEndpoint } = await endpoint({ status: 400, body });
  const get = refreshTokens({
    tokenEndpoint,
    clientId: 'app',
    clientSecret: 'hush-S3CRET',
    refreshToken: 'r1-S3CRET',
  });
  const error: unknown = await get().catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'TOKEN_REFUSED', scope: 'source', transient: false });
  expect(String(error)).toContain('invalid_grant');
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('S3CRET');
});

test.each([
  [
    'AADSTS7000215: Invalid client secret provided. hush-S3CRET is none.',
    [7000215],
    'it says "invalid_client" (AADSTS7000215)',
    'il dit "invalid_client" (AADSTS7000215)',
  ],
  [
    'hush-S3CRET is none',
    [7000215, 'S3CRET'],
    'it says "invalid_client" (7000215)',
    'il dit "invalid_client" (7000215)',
  ],
  ['S3CRET123: no', 'S3CRET', 'it says "invalid_client"', 'il dit "invalid_client"'],
])(
  'Microsoft’s number of a refusal is told, and nothing else of %j',
  async (error_description, error_codes, en, fr) => {
    const body = { error: 'invalid_client', error_description, error_codes };
    const { tokenEndpoint } = await endpoint({ status: 401, body });
    const get = clientCredentials({ tokenEndpoint, clientId: 'app', clientSecret: 'hush-S3CRET' });
    const error = await get().catch((e: unknown) => e as LanceurError);
    const { host } = new URL(tokenEndpoint);
    expect(error).toMatchObject({
      code: 'TOKEN_REFUSED',
      reason: { message: `no access token from ${host}: ${en}` },
    });
    expect(inFrench((error as LanceurError).reason)).toBe(`pas de jeton d’accès de ${host} : ${fr}`);
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('S3CRET');
  },
);

test('a placeholder in the address is not asked for tokens', () => {
  const tokenEndpoint = 'https://login.microsoftonline.com/<tenant>/oauth2/v2.0/token';
  const make = () => clientCredentials({ tokenEndpoint, clientId: 'app' });
  expect(make).toThrow(
    'expected `tokenEndpoint` to be an https address with all its names, got <tenant>, to be replaced',
  );
  try {
    make();
  } catch (error) {
    expect(inFrench((error as LanceurError).reason)).toBe(
      '`tokenEndpoint` devrait être une adresse https avec tous ses noms ; reçu : <tenant>, à remplacer',
    );
  }
});

test.each<[string, Answer]>([
  ['a server in trouble', { status: 503, body: 'away' }],
  ['an answer that is none', { body: '<html>' }],
  ['an answer without token', { body: { token_type: 'Bearer' } }],
])('%s passes', async (_, answer) => {
  const { tokenEndpoint } = await endpoint(answer, token('one'));
  const get = clientCredentials({ tokenEndpoint, clientId: 'app', clientSecret: 'hush' });
  await expect(get()).rejects.toMatchObject({ code: 'TOKEN_ENDPOINT_FAILED', transient: true });
  expect(await get()).toBe('one');
});

test('an endpoint that nobody serves is said', async () => {
  const { tokenEndpoint } = await endpoint();
  const [port = 0] = await freePorts(1);
  const gone = tokenEndpoint.replace(/:\d+/u, `:${String(port)}`);
  const get = clientCredentials({ tokenEndpoint: gone, clientId: 'app' });
  const error = (await get().catch((e: unknown) => e)) as LanceurError;
  expect(error.message).toBe(
    `the token endpoint 127.0.0.1:${String(port)} gave no answer of use: nothing listens there (ECONNREFUSED). ` +
      'Check `tokenEndpoint` (name, port, path), the proxy and the firewall; it is tried again at every poll.',
  );
  expect(inFrench(error.reason)).toBe(
    `le serveur de jetons 127.0.0.1:${String(port)} n’a pas donné de réponse exploitable : rien n’écoute à cette adresse (ECONNREFUSED)`,
  );
});

test.each(['http://login.example.org/token', 'not an address', 'https://user:pass@login.example.org/token'])(
  'a token endpoint must be safe: %s',
  (tokenEndpoint) => {
    expect(() => clientCredentials({ tokenEndpoint, clientId: 'app' })).toThrow(LanceurError);
  },
);
