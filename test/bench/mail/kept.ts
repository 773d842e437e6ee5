import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compose } from '../../servers/compose.js';
import { startDovecot } from '../../servers/dovecot.js';
import { median, ratio, say } from '../shared/report.js';
import { runProgram } from './program.js';

interface Run {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly listed: number;
  readonly accepted: number;
}

interface Took {
  readonly each: readonly Run[];
  readonly peakBytes: number;
}

const POLLS = 5;
const PDF = Buffer.alloc(2000, 'lanceur ');

/** What a poll costs of a mailbox whose mails have all been taken, and stay. */
export async function benchKept(mails: number): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), 'lanceur-bench-kept-'));
  const server = await startDovecot({ users: { kept: 'secret' } });
  try {
    for (let i = 0; i < mails; i++) {
      const subject = `Facture ${String(i)}`;
      await server.deliver(compose({ subject, attachments: [{ name: `${String(i)}.pdf`, content: PDF }] }), {
        user: 'kept',
      });
    }
    for (const protocol of ['imap', 'pop3'] as const) {
      const folder = join(place, protocol);
      mkdirSync(folder);
      const first = await take(protocol, server.ports[protocol], folder, 1);
      expect(first.each[0]?.accepted === mails, `${protocol}: ${JSON.stringify(first.each)}`);
      const { each, peakBytes } = await take(protocol, server.ports[protocol], folder, POLLS);
      expect(
        each.every(({ listed, accepted }) => listed === mails && accepted === 0),
        `${protocol}: ${JSON.stringify(each)}`,
      );
      const seconds = each.map((run) => `${run.seconds.toFixed(2)} (CPU ${run.cpuSeconds.toFixed(2)})`);
      say(
        `${String(mails)} kept mails by ${protocol}: taken in ${first.each[0]!.seconds.toFixed(1)} s; then, in a new process, ` +
          `${seconds.join(', ')} s a poll; peak ${String(Math.round(peakBytes / 1e6))} MB`,
      );
      ratio(`${protocol}-kept-poll-seconds`, median(each.slice(1).map((run) => run.seconds)));
    }
  } finally {
    await server.stop();
    rmSync(place, { recursive: true, force: true });
  }
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not what it should be: ${what}`);
}

async function take(protocol: string, port: number, folder: string, runs: number): Promise<Took> {
  const script = fileURLToPath(new URL('take-kept.mjs', import.meta.url));
  const { out } = await runProgram(process.execPath, [
    script,
    ...[protocol, String(port), 'kept', folder, String(runs)],
  ]);
  return JSON.parse(out) as Took;
}
