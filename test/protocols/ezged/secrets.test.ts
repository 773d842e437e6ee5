import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { byExtension, inFrench, Launcher, LanceurError, memoryLedger, whatToDo } from '@lanceur/core';
import { memoryDocument, memoryListener } from '@lanceur/core/testing';
import { ezged } from '@lanceur/protocols/ezged';
import type { EzgedCall, Fault } from '../../servers/ezged.js';
import { ACCOUNT, aDouble, failureOf, submitterFor, TOKEN } from './bench.js';

const PROXY = 'mot-de-passe-du-proxy';
const MD5 = createHash('md5').update(ACCOUNT.password).digest('hex');

const EVENTS = [
  'left',
  'submitted',
  'failed',
  'doubt',
  'ended',
  'settled',
  'circuit',
  'error',
  'pollEnded',
] as const;

/** Whatever a server may say back of what it was told, and a bit more. */
function gossip({ params, cookies, headers }: EzgedCall): string {
  return JSON.stringify({ params, cookies, headers, url: `?${new URLSearchParams(params).toString()}` });
}

const faults: Readonly<Record<string, (call: EzgedCall) => Fault | undefined>> = {
  'a refusal that repeats what it was told': (call) => ({
    is: 'refuse',
    errorcode: 5,
    errormsg: gossip(call),
  }),
  'a page that repeats it': (call) => ({
    is: 'answer',
    status: 500,
    type: 'text/html',
    body: `<html><title>${gossip(call).slice(0, 190)}</title></html>`,
  }),
  'text that repeats it': (call) => ({ is: 'answer', body: gossip(call) }),
  'a redirect that repeats it': (call) => ({
    is: 'answer',
    status: 302,
    location: `/login?${new URLSearchParams(call.params).toString()}`,
  }),
  'a cut connection': () => ({ is: 'cut', when: 'after' }),
  'half an answer': () => ({ is: 'cut', when: 'answering' }),
  'an expired session': () => ({ is: 'expired' }),
  'what is not HTTP': () => ({ is: 'twice' }),
};

for (const service of ['sec/authenticate', 'pupload']) {
  test.each(Object.entries(faults))(
    `no secret is in any log, error, cause, event, report or ledger after %s to ${service}`,
    async (_name, fault) => {
      const heard: unknown[] = [];
      const double = await aDouble();
      double.fault = (call) => (call.service === service ? fault(call) : undefined);
      const submitter = submitterFor(double, {
        timeouts: { licenceMs: 1 },
        onProgress: (progress) => void heard.push(progress),
      });
      const source = memoryListener();
      source.put({ id: 'a.pdf', name: 'a.pdf', documents: [{ name: 'a.pdf', content: 'one' }] });
      const ledger = memoryLedger();
      const launcher = new Launcher({
        id: '16',
        listener: source,
        grouper: byExtension({ pdf: '87' }),
        submitter,
        ledger,
        inDoubt: 'reject',
      });
      for (const event of EVENTS) launcher.on(event, (...all: readonly unknown[]) => void heard.push(all));
      heard.push(await launcher.run().catch((error: unknown) => error));
      const group = { key: 'pdf', job: '87', documents: [memoryDocument('b.pdf', 'two')] };
      const failure = await failureOf(submitter.submit(group));
      heard.push(failure, submitter.health(), await submitter.check(), submitter, launcher.health());
      if (LanceurError.is(failure))
        heard.push(inFrench(failure.reason), whatToDo(failure.code), failure.stack);
      for await (const record of ledger.find({})) heard.push(record);
      await launcher.close();

      const all = heard
        .map((one) => inspect(one, { depth: 20, showHidden: true, maxStringLength: null }))
        .join('\n');
      expect(all).toContain('127.0.0.1');
      for (const secret of secretsOf(double.calls)) expect(all).not.toContain(secret);
    },
  );
}

test('an option that is refused does not show a secret', () => {
  const good = { url: 'https://ged.mairie.fr/', ...ACCOUNT, token: TOKEN, jobs: { '87': 'factures' } };
  const bad = [
    { ...good, password: `${ACCOUNT.password}\n` },
    { ...good, token: `${TOKEN}\r` },
    { ...good, token: { value: TOKEN } as never },
    { ...good, url: `https://a:${TOKEN}@ged/` },
    { ...good, proxy: `https://a:${PROXY}@proxy/` },
    { ...good, proxy: `socks5://a:${PROXY}@proxy` },
  ];
  for (const options of bad) {
    let message = '';
    try {
      ezged(options);
    } catch (error) {
      message = inspect(error);
    }
    expect(message).toContain('INVALID_OPTION');
    for (const secret of [ACCOUNT.password, TOKEN, PROXY]) expect(message).not.toContain(secret);
  }
});

/** In all the forms in which they travelled. */
function secretsOf(calls: readonly EzgedCall[]): readonly string[] {
  const sessions = calls.flatMap(({ params, cookies }) => [params['sessionid'], cookies['PHPSESSID']]);
  const all = [ACCOUNT.password, MD5, TOKEN, ...sessions].filter(
    (one) => one !== undefined && one !== '',
  ) as string[];
  return [
    ...new Set(
      all.flatMap((one) => [one, encodeURIComponent(one), encodeURIComponent(one).replaceAll('%20', '+')]),
    ),
  ];
}
