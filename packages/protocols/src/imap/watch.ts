import { Connection, type ConnectionOptions } from './connection.js';
import type { LogIn } from './log-in.js';
import { selectMailbox } from './mailbox-name.js';
import type { Settings } from './options.js';

const FIRST_PAUSE_MS = 30_000;
const BETWEEN_MS = 5000;
const LONGEST_PAUSE_MS = 30 * 60_000;

/**
 * Wakes when mail comes, by IDLE (RFC 2177) on a connection of its own. A hint, and no more: what goes wrong here is no
 * error, since polling finds the mail as well, and says what is wrong. It is tried again later and later.
 *
 * @param logIn - shares the listener's pause after a refusal, so that a wrong password locks nothing.
 */
export function watch(
  settings: Settings,
  logIn: (signal: AbortSignal) => LogIn,
  wake: () => void,
): AsyncDisposable {
  const stopping = new AbortController();
  const { signal } = stopping;
  const watching = (async () => {
    for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      const begun = settings.clock.now();
      await idle(settings, { signal, logIn: logIn(signal), idles: true }, wake).catch(() => undefined);
      // It had worked for a while.
      if (settings.clock.now() - begun > pause) pause = FIRST_PAUSE_MS;
      await settings.clock.sleep(pause, signal);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await watching;
    },
  };
}

/** Until the connection ends, or the server says that it cannot. */
async function idle(settings: Settings, o: ConnectionOptions, wake: () => void): Promise<void> {
  const connection = await Connection.open(settings, o);
  try {
    await selectMailbox(connection, settings, settings.mailbox);
    const { client } = connection;
    client.on('exists', ({ count, prevCount }) => {
      if (count > prevCount && o.signal?.aborted !== true) wake();
    });
    const closed = new Promise<void>((resolve) => client.once('close', resolve));
    const idling = (async () => {
      // IDLE ends whenever the server wants it to.
      while (connection.isUsable) {
        const answer = await client.idle();
        if (answer === false) return;
        // Some end it as soon as it has begun.
        await settings.clock.sleep(BETWEEN_MS, o.signal);
      }
    })();
    await Promise.race([closed, idling]);
  } finally {
    await connection.close();
  }
}
