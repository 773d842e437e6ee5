import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { submitterSuite, type SubmitterBench } from '@lanceur/core/testing';
import { ezged, type EzgedOptions } from '@lanceur/protocols/ezged';
import { documentsIn, startEzged, type EzgedOptions as DoubleOptions } from '../../servers/ezged.js';
import { ACCOUNT, TOKEN } from './bench.js';

interface Flavour {
  readonly double?: Partial<DoubleOptions>;
  readonly submitter?: Partial<EzgedOptions>;
}

const flavours: Readonly<Record<string, Flavour>> = {
  'as it is': {},
  'names as they are, where EzGED numbers': { submitter: { nameWithSubmissionId: false } },
  'names with ids, where EzGED overwrites': { double: { sameName: 'overwrite' } },
  'with a manifest': { submitter: { manifest: true } },
  'an EzGED that writes numbers as text': { double: { numbersAsText: true } },
  'one connection': { submitter: { connections: 1 }, double: { licences: 1 } },
};

for (const [flavour, { double = {}, submitter = {} }] of Object.entries(flavours)) {
  describe(`EzGED over the network (${flavour})`, () => {
    const cases = submitterSuite({ create: () => bench(double, submitter), without: ['find'] });
    for (const c of cases) test(c.name, c.run);
  });
}

async function bench(
  doubleOptions: Partial<DoubleOptions>,
  options: Partial<EzgedOptions>,
): Promise<SubmitterBench> {
  const dir = mkdtempSync(join(tmpdir(), 'lanceur-conformance-'));
  let isOut = false;
  const double = await startEzged({
    dir,
    accounts: [ACCOUNT],
    token: TOKEN,
    waitDirs: ['factures'],
    fault: () => (isOut ? { is: 'cut', when: 'before' } : undefined),
    ...doubleOptions,
  });
  const made = () =>
    ezged({ url: double.url, ...ACCOUNT, token: TOKEN, jobs: { '87': 'factures' }, ...options });
  const submitters = [made()];
  return {
    submitter: submitters[0]!,
    job: '87',
    read: async () =>
      documentsIn(double.waiting('factures')).filter(
        ({ name }) => options.manifest !== true || !name.endsWith('.json'),
      ),
    eat: async () => {
      for (const { name } of documentsIn(double.waiting('factures')))
        rmSync(join(double.waiting('factures'), name));
    },
    outage: async (on) => {
      isOut = on;
    },
    again: async () => {
      const another = made();
      submitters.push(another);
      return another;
    },
    dispose: async () => {
      for (const one of submitters) await one.close();
      await double.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
