// A service: polls on a schedule, wakes early when files come, survives what fails, stops cleanly on SIGTERM.
import { setTimeout as sleep } from 'node:timers/promises';
import { byExtension, inFrench, Launcher, LanceurError, nameFilter } from '@lanceur/core';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { directory } from '@lanceur/protocols/directory';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';

const [
  source = 'F:/depots',
  target = 'C:/nchp/ocr/wait/factures',
  db = 'D:/lanceur/ledger.db',
  everySeconds = '15',
] = process.argv.slice(2);

const ledger = await sqliteLedger({ path: db });
const listener = directory({ path: source });
const launcher = new Launcher({
  id: '16',
  listener,
  filter: nameFilter('*.*'),
  grouper: byExtension({ pdf: '87' }),
  submitter: waitingDirectory({ jobs: { '87': target } }),
  ledger,
});

for (const check of await launcher.doctor()) {
  if (check.result !== 'ok') console.warn(`${check.result}: ${check.name}: ${check.message ?? ''}`);
}
launcher.on('ended', ({ ref, end, reason }) => {
  console.log(`${ref.name} : ${end}${reason ? ` (${inFrench(reason)})` : ''}`);
});

// The first signal stops softly: what is under way is finished and settled. A second one cuts it off.
const soft = new AbortController();
const hard = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (soft.signal.aborted) hard.abort();
    soft.abort();
  });
}

/** After failures in a row it waits later and later, up to a quarter of an hour. */
const every = Number(everySeconds) * 1_000;
const longest = Math.max(every, 900_000);
let failures = 0;

let wake = new AbortController();
const watching = listener.watch?.(() => {
  wake.abort();
});
while (!soft.signal.aborted) {
  wake = new AbortController();
  try {
    await launcher.run({ signal: soft.signal, kill: hard.signal });
    failures = 0;
  } catch (error) {
    // The source or the ledger fails: said each time, and tried again. A certificate is renewed, a password is corrected
    // where it is looked up, without anyone starting this anew.
    if (!LanceurError.is(error)) throw error;
    failures++;
    console.error(`${String(failures)} en échec : ${inFrench(error)}`);
  }
  // What fails is not hurried by a hint: an account is not to be locked.
  const signals = failures === 0 ? [soft.signal, wake.signal] : [soft.signal];
  await sleep(Math.min(every * 2 ** failures, longest), undefined, {
    signal: AbortSignal.any(signals),
  }).catch(() => undefined);
}
await watching?.[Symbol.asyncDispose]();
await launcher.close();
await ledger.close();
