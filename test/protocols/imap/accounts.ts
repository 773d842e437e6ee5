import type { ImapOptions } from '@lanceur/protocols/imap';
import { startDovecot, type Dovecot, type DovecotOptions } from '../../servers/dovecot.js';

/** A server whose accounts are handed out one by one, so that tests share its start and nothing else. */
export interface Accounts {
  readonly server: Dovecot;
  /** The options of a listener on the next account, over TLS. */
  next(): ImapOptions & { readonly user: string };
  stop(): Promise<void>;
}

export async function startAccounts(options: Omit<DovecotOptions, 'users'> = {}): Promise<Accounts> {
  const users = Object.fromEntries(
    Array.from({ length: 300 }, (_, i) => [`u${String(i)}@example.org`, 'secret']),
  );
  const server = await startDovecot({ ...options, users });
  const free = Object.keys(users);
  return {
    server,
    next() {
      const user = free.shift();
      if (user === undefined) throw new Error('no account is left');
      const { host, ca, ports } = server;
      return { host, port: ports.imaps, ca, user, password: 'secret', timeoutMs: 20_000 };
    },
    stop: () => server.stop(),
  };
}
