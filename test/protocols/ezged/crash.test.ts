import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { documentsIn, startEzged, type EzgedDouble, type Fault } from '../../servers/ezged.js';
import type { Instant } from '../../scenarios/crash/steps.mjs';
import { ACCOUNT, TOKEN } from './bench.js';

const SCRIPT = fileURLToPath(new URL('one-launcher.mjs', import.meta.url));
const CONTENT = 'a document that must arrive';

interface World {
  readonly base: string;
  readonly double: EzgedDouble;
  /** Runs a launcher until it is idle, or dies. */
  run(
    death?: Instant | { readonly whenStalled: true },
  ): Promise<{ readonly killed: boolean; readonly steps: readonly string[] }>;
  /** How often the document is in the COLD, and what the ledger says of it in the end. */
  audit(): Promise<{ readonly copies: number; readonly end: string; readonly code: string | undefined }>;
}

async function aWorld(inDoubt: 'resubmit' | 'reject'): Promise<World> {
  const base = mkdtempSync(join(tmpdir(), 'lanceur-crash-'));
  for (const folder of ['source', 'ledger']) mkdirSync(join(base, folder));
  writeFileSync(join(base, 'source', 'a.pdf'), CONTENT);
  const double = await startEzged({
    dir: join(base, 'ezged'),
    accounts: [ACCOUNT],
    token: TOKEN,
    waitDirs: ['factures'],
    licences: 100, // Those that were killed have given nothing back.
  });
  onTestFinished(async () => {
    await double.stop();
    rmSync(base, { recursive: true, force: true });
  });
  let runs = 0;
  return {
    base,
    double,
    async run(death) {
      const trace = join(base, `trace-${String(runs)}`);
      const ahead = runs++ * 60_000;
      const orders = {
        base,
        url: double.url,
        ...ACCOUNT,
        token: TOKEN,
        trace,
        inDoubt,
        ahead,
        ...(isInstant(death) && { death }),
      };
      const child = spawn(process.execPath, [SCRIPT, JSON.stringify(orders)], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let said = '';
      child.stderr.on('data', (data: Buffer) => (said += data.toString()));
      const kill = (): void => void child.kill('SIGKILL');
      process.once('exit', kill);
      if (death !== undefined && !isInstant(death)) void double.called('pupload', 1).then(kill);
      const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
      process.off('exit', kill);
      const killed = signal === 'SIGKILL' || (process.platform === 'win32' && code === 1 && said === '');
      if (!killed && code !== 0) throw new Error(said);
      const lines = readFileSync(trace, 'utf8').trimEnd().split('\n');
      return {
        killed,
        steps: lines.filter((line) => line.startsWith('before')).map((line) => line.split('\t')[1] ?? ''),
      };
    },
    async audit() {
      const arrived = documentsIn(double.waiting('factures'));
      for (const { bytes } of arrived) expect(bytes.toString()).toBe(CONTENT);
      const ledger = await sqliteLedger({ path: join(base, 'ledger', 'ledger.db') });
      try {
        for await (const { end = 'none', reason } of ledger.find({}))
          return { copies: arrived.length, end, code: reason?.code };
        return { copies: arrived.length, end: 'unknown to the ledger', code: undefined };
      } finally {
        await ledger.close();
      }
    },
  };
}

function isInstant(death: Instant | { readonly whenStalled: true } | undefined): death is Instant {
  return death !== undefined && 'step' in death;
}

/** From the instant when it is noted that it is about to be placed, until its receipt is durable. */
function isDoubtful({ when, step }: Instant): boolean {
  if (step === 'note') return when === 'after';
  if (step === 'submit') return when === 'after';
  if (/^ledger write .*submitting/u.test(step)) return when === 'after';
  return step.startsWith('ledger write submitted') && when === 'before';
}

test('a launcher that is killed at any step loses nothing, sends nothing twice, and rejects as IN_DOUBT what EzGED cannot be asked about', async () => {
  const whole = await (await aWorld('reject')).run();
  const steps = whole.steps.filter((step) =>
    /^(?:submit|note|open|settle|ledger (?:claim|write))/u.test(step),
  );
  const instants = [...new Set(steps)].flatMap((step): readonly Instant[] => [
    { when: 'before', step, nth: 1 },
    { when: 'after', step, nth: 1 },
  ]);
  expect(instants.filter(isDoubtful).length).toBeGreaterThanOrEqual(4);
  expect(instants.filter((instant) => !isDoubtful(instant)).length).toBeGreaterThanOrEqual(8);
  for (const instant of instants) {
    const world = await aWorld('reject');
    expect((await world.run(instant)).killed, JSON.stringify(instant)).toBe(true);
    await world.run();
    const { copies, end, code } = await world.audit();
    const about = `${JSON.stringify(instant)}: ${String(copies)} copies, ${end} ${code ?? ''}`;
    if (isDoubtful(instant)) {
      expect({ end, code }, about).toEqual({ end: 'reject', code: 'IN_DOUBT' });
      // Its last bytes are sent after the note: until then it is certain, to us, that it is not there.
      expect(copies, about).toBe(/submit$|submitted/u.test(instant.step) ? 1 : 0);
    } else {
      expect({ end, copies }, about).toEqual({ end: 'accept', copies: 1 });
    }
  }
}, 240_000);

describe('killed when EzGED has all of it, and before its answer', () => {
  test.each<[string, Fault, number]>([
    ['nothing carried out', { is: 'stall' }, 0],
    ['all carried out', { is: 'stall', done: true }, 1],
  ])(
    '%s: it is rejected as IN_DOUBT, or sent again, as the host has said',
    async (_name, fault, placed) => {
      for (const inDoubt of ['reject', 'resubmit'] as const) {
        const world = await aWorld(inDoubt);
        world.double.fault = ({ service }) => (service === 'pupload' ? fault : undefined);
        expect((await world.run({ whenStalled: true })).killed).toBe(true);
        world.double.fault = undefined;
        expect(documentsIn(world.double.waiting('factures'))).toHaveLength(placed);
        await world.run();
        const { copies, end, code } = await world.audit();
        const rejected = { copies: placed, end: 'reject', code: 'IN_DOUBT' };
        const sentAgain = { copies: placed + 1, end: 'accept', code: undefined };
        expect({ copies, end, code }).toEqual(inDoubt === 'reject' ? rejected : sentAgain);
      }
    },
    120_000,
  );
});
