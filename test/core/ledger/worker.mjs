// A process of its own on a ledger's file, for the tests beside it. Speaks in lines of JSON.
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { sqliteLedger } from '@lanceur/core/sqlite';

const [, , role, path, ...rest] = process.argv;
const viewer = { launcher: '16', source: 'depots', fingerprint: 'f' };
const leaseMs = 600_000;

// In one go: what a stream still holds is lost with a process that stands still.
const say = (value) => writeSync(1, `${JSON.stringify(value)}\n`);
const refOf = (n) => ({ id: `${n}.pdf`, version: '1', name: `${n}.pdf` });

/** Takes all of `count` items that it can get, from its own end, and leads each through its life. */
async function hammer(count, start, atOnce) {
  const ledger = await sqliteLedger({ path });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  say('ready');
  await new Promise((resolve) => process.stdin.once('data', resolve));
  delay.enable();
  const mine = [];
  const left = Array.from({ length: count }, (_, n) => (n + start) % count);
  const take = async () => {
    for (let n = left.shift(); n !== undefined; n = left.shift()) {
      let claim = await ledger.claim(viewer, refOf(n), { leaseMs });
      if (!('fence' in claim)) continue;
      mine.push(n);
      const id = `${n}#1`;
      const documents = [`${n}.pdf`];
      const sent = [{ name: `${n}.pdf`, size: 1, sha256: String(n) }];
      claim = await ledger.write(
        claim,
        [
          { type: 'planned', groups: [{ id, key: 'pdf', job: '87', documents }], unwanted: [] },
          { type: 'submitting', submission: id, sent },
        ],
        leaseMs,
      );
      const receipt = { submissionId: id, at: Date.now(), documents: sent };
      claim = await ledger.write(
        claim,
        [
          { type: 'submitted', submission: id, receipt },
          { type: 'ended', end: 'accept' },
        ],
        leaseMs,
      );
      await ledger.write(claim, [{ type: 'settled', how: 'removed' }], leaseMs);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, take));
  delay.disable();
  await ledger.close();
  say({ mine, blockedMs: delay.max / 1e6 });
  process.stdin.destroy();
}

/** Writes ten items well, and stands still when the next transaction is about to be committed. */
async function freeze() {
  const Libsql = createRequire(import.meta.resolve('@lanceur/core/sqlite'))('libsql');
  let armed = false;
  class Freezing extends Libsql {
    exec(sql) {
      if (armed && sql === 'COMMIT') {
        say('in transaction');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      }
      return super.exec(sql);
    }
  }
  const ledger = await sqliteLedger({ path, driver: Freezing });
  for (let n = 0; n < 10; n++) await ledger.claim(viewer, refOf(n), { leaseMs });
  armed = true;
  await Promise.all(Array.from({ length: 50 }, (_, n) => ledger.claim(viewer, refOf(100 + n), { leaseMs })));
}

if (role === 'hammer') await hammer(Number(rest[0]), Number(rest[1]), Number(rest[2]));
else await freeze();
