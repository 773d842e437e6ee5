import type { ImapFlowOptions } from 'imapflow';
import type { Settings } from './options.js';

/** What this end asks for never needs more; a server that sends more is not waited for. */
const LARGEST_LITERAL = 64 * 1024 * 1024;
/** RFC 2177 allows 29 minutes; routers forget a quiet connection sooner. */
const IDLE_MS = 9 * 60_000;

/** How imapflow is to connect and log in. `idles`: that connection waits for news. */
export function clientOptions(settings: Settings, secret: string, idles: boolean): ImapFlowOptions {
  const { server, login } = settings;
  const { timeoutMs } = server;
  return {
    host: server.host,
    port: server.port,
    secure: server.tls === 'implicit',
    doSTARTTLS: server.tls === 'implicit' ? undefined : server.tls === 'starttls',
    tls: server.tlsOptions,
    auth: {
      user: login.user,
      ...(login.mechanism === 'password' ? { pass: secret } : { accessToken: secret }),
    },
    emitLogs: false,
    clientInfo: { name: 'Lanceur', vendor: false as const, 'support-url': false as const },
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableAutoIdle: true,
    ...(idles && { maxIdleTime: Math.min(IDLE_MS, Math.ceil(0.9 * timeoutMs)) }),
    // Parts are undone here, by the decoders that say what was not well formed.
    disableBinary: true,
    disableCompression: true,
    // Nothing of what ENABLE turns on is of use here, and some of it changes what is read.
    disableAutoEnable: true,
    disableIMAP4rev2: true,
    maxLineLength: LARGEST_LITERAL,
    maxLiteralSize: LARGEST_LITERAL,
    maxResponseSize: 2 * LARGEST_LITERAL,
  };
}

/**
 * A log that keeps nothing but the challenge with which a server refuses a token: imapflow gives it with the error of the
 * login, which nobody but its log gets to see where the connection ended before the server's answer.
 */
export function challengeLog(took: (challenge: object) => void): ImapFlowOptions['logger'] {
  const look = (entry: unknown): void => {
    const { err } = (entry ?? {}) as { readonly err?: { readonly oauthError?: unknown } };
    const challenge = err?.oauthError;
    if (typeof challenge === 'object' && challenge !== null) took(challenge);
  };
  const log = { trace: look, debug: look, info: look, warn: look, error: look, fatal: look };
  // No line of the dialogue is written out for it.
  return Object.assign(log, { isLevelEnabled: () => false });
}
