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

let wake = new AbortController();
const watching = listener.watch?.(() => {
  wake.abort();
});
while (!soft.signal.aborted) {
  wake = new AbortController();
  try {
    await launcher.run({ signal: soft.signal, kill: hard.signal });
  } catch (error) {
    // The source or the ledger fails: said, and tried again at the next poll.
    if (!LanceurError.is(error)) throw error;
    console.error(inFrench(error.reason));
    if (!error.transient) break;
  }
  await sleep(Number(everySeconds) * 1_000, undefined, {
    signal: AbortSignal.any([wake.signal, soft.signal]),
  }).catch(() => undefined);
}
await watching?.[Symbol.asyncDispose]();
await launcher.close();
await ledger.close();
