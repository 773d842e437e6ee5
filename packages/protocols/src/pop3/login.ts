import { LanceurError } from '@lanceur/core';
import Pop3Command from 'node-pop3';
import { loginUnsupported, xoauth2, type Login } from '../mail/credentials.js';
import type { Server } from '../mail/server.js';
import { oneLine, Pop3Client, ReplyError } from './client.js';
import { loginError, sourceError, type Place } from './errors.js';
import { Wire, WireError } from './wire.js';

/** A connection that is logged in. */
export interface Connection {
  readonly wire: Wire;
  readonly client: Pop3Client;
  /** Whether commands may follow one another without waiting for answers (RFC 2449, section 6.6). */
  readonly pipelining: boolean;
  /** What CAPA said after the login, by keyword in capitals. */
  readonly capabilities: ReadonlyMap<string, string>;
}

/**
 * Connects, turns the connection safe, and logs in. With a token that the server refuses, once more with a fresh one.
 *
 * @throws LanceurError of scope `source`.
 */
export async function login(
  server: Server,
  login: Login,
  place: Place,
  signal?: AbortSignal,
): Promise<Connection> {
  try {
    return await attempt(server, login, place, signal, false);
  } catch (error) {
    const mayBeStale = login.renews && LanceurError.is(error, 'LOGIN_REFUSED');
    if (!mayBeStale) throw abortedOr(error, place, signal);
  }
  try {
    return await attempt(server, login, place, signal, true);
  } catch (error) {
    throw abortedOr(error, place, signal);
  }
}

async function attempt(
  server: Server,
  login: Login,
  place: Place,
  signal: AbortSignal | undefined,
  fresh: boolean,
): Promise<Connection> {
  // Asked for before the connection is there: a vault may take longer than a server waits.
  const secret = await login.secret({ fresh, signal });
  const wire = await Wire.open(server, signal);
  const stop = () => wire.destroy(new WireError('closed', 'stopped on request'));
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await greeted(wire);
    const client = new Pop3Client(wire, server.host);
    if (server.tls === 'starttls') await turnSafe(wire, client, server, place, signal);
    const before = await capabilitiesOf(client);
    await authenticate(client, login, secret, place, before);
    // Some servers tell more once they know whom (RFC 2449, section 5).
    const capabilities = await capabilitiesOf(client);
    return { wire, client, capabilities, pipelining: capabilities.has('PIPELINING') };
  } catch (error) {
    wire.destroy(new WireError('closed', 'the login failed'));
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function abortedOr(error: unknown, place: Place, signal: AbortSignal | undefined): LanceurError {
  return signal?.aborted === true ? new LanceurError('ABORTED') : sourceError(error, place);
}

async function greeted(wire: Wire): Promise<void> {
  await new Promise<string>((resolve, reject) => {
    wire.greeting(oneLine(resolve, reject));
  });
}

async function turnSafe(
  wire: Wire,
  client: Pop3Client,
  server: Server,
  place: Place,
  signal: AbortSignal | undefined,
): Promise<void> {
  // What the server says before TLS is not believed: CAPA is not even asked, STLS is simply demanded.
  if (await wire.startTls(server, signal)) return;
  await client.QUIT().catch(() => undefined);
  throw new LanceurError('TLS_FAILED', { path: place.address, why: 'the server refuses STLS' });
}

/** Empty where the server does not know CAPA: then nothing beyond RFC 1939 is asked of it. */
async function capabilitiesOf(client: Pop3Client): Promise<ReadonlyMap<string, string>> {
  try {
    const [, stream] = await client.command('CAPA');
    const text = String(await Pop3Command.stream2String(stream));
    return new Map(
      text
        .split('\r\n')
        .filter((line) => line !== '')
        .map((line) => {
          const [word = '', ...rest] = line.split(' ');
          return [word.toUpperCase(), rest.join(' ')] as const;
        }),
    );
  } catch (error) {
    if (error instanceof ReplyError) return new Map();
    throw error;
  }
}

async function authenticate(
  client: Pop3Client,
  login: Login,
  secret: string,
  place: Place,
  capabilities: Connection['capabilities'],
): Promise<void> {
  try {
    if (login.mechanism === 'xoauth2') {
      await beginXoauth2(client, place, capabilities);
      await authenticateByToken(client, login, secret);
    } else {
      await client.ask(`USER ${login.user}`);
      await client.ask(`PASS ${secret}`);
    }
  } catch (error) {
    throw error instanceof ReplyError ? loginError(error, place, capabilities.has('AUTH-RESP-CODE')) : error;
  }
}

/** @throws LanceurError `LOGIN_UNSUPPORTED`, ReplyError */
async function beginXoauth2(
  client: Pop3Client,
  place: Place,
  capabilities: Connection['capabilities'],
): Promise<void> {
  try {
    await client.ask('AUTH XOAUTH2');
  } catch (error) {
    // RFC 2449, section 6.3; one that tells nothing of itself may have it all the same.
    const mechanisms = capabilities.get('SASL')?.toUpperCase().split(' ') ?? [];
    const isUnknown = capabilities.size > 0 && !mechanisms.includes('XOAUTH2');
    const isRefusal = error instanceof ReplyError && (error.code ?? 'AUTH') === 'AUTH';
    if (!isUnknown || !isRefusal) throw error;
    const offered = [...mechanisms, ...(capabilities.has('USER') ? ['USER'] : [])];
    throw loginUnsupported(place.address, 'xoauth2', offered);
  }
}

/** In two steps, as Microsoft wants it: with the token behind AUTH, its command would be longer than 255 octets (RFC 2449, section 4). */
async function authenticateByToken(client: Pop3Client, login: Login, token: string): Promise<void> {
  const answer = await client.askRaw(xoauth2(login.user, token));
  if (answer.startsWith('+OK')) return;
  // A refusal comes as a challenge that tells why, in base64; an empty answer has the server say -ERR.
  const encoded = answer.replace(/^\+ ?/u, '');
  const challenge = login.hide(Buffer.from(encoded, 'base64').toString('utf8')).slice(0, LONGEST_CHALLENGE);
  const words = challenge === '' ? '' : ` (${challenge})`;
  try {
    await client.ask('');
  } catch (error) {
    if (error instanceof ReplyError) throw new ReplyError(`${error.message}${words}`);
    // Without a word on the token it may be the network.
    if (!(error instanceof WireError) || words === '') throw error;
    throw new ReplyError(`-ERR [AUTH] ${error.message}${words}`);
  }
  throw new ReplyError(`-ERR [AUTH] the server went on after refusing the token${words}`);
}

const LONGEST_CHALLENGE = 200;
