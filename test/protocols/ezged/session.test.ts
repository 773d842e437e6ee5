import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { LanceurError } from '@lanceur/core';
import { memoryDocument } from '@lanceur/core/testing';
import type { Ezged } from '@lanceur/protocols/ezged';
import { documentsIn, type EzgedCall, type Fault } from '../../servers/ezged.js';
import {
  ACCOUNT,
  aDouble,
  callsOf,
  failureOf,
  MORE_THAN_BUFFERS,
  submitterFor,
  watchedClock,
} from './bench.js';

function send(submitter: Ezged, name = 'a.pdf', content: string | Uint8Array = name) {
  return submitter.submit({ key: 'pdf', job: '87', documents: [memoryDocument(name, content)] });
}

/** This fault at the n-th call of a service, and at no other. */
function at(service: string, n: number, fault: Fault) {
  let seen = 0;
  return (call: EzgedCall) => (call.service === service && ++seen === n ? fault : undefined);
}

describe('a session', () => {
  test('is shared by uploads at the same time', async () => {
    const double = await aDouble();
    const submitter = submitterFor(double);
    await Promise.all(Array.from({ length: 20 }, (_, i) => send(submitter, `${String(i)}.pdf`)));
    expect(documentsIn(double.waiting('factures'))).toHaveLength(20);
    expect(callsOf(double, 'sec/authenticate')).toBe(1);
    expect(double.sessions.most).toBe(1);
  });

  test('is given back when nobody has used it for a while', async () => {
    const clock = watchedClock();
    const double = await aDouble({ clock });
    const submitter = submitterFor(double, { clock });
    await send(submitter);
    await clock.advance(4_999);
    expect(double.sessions.alive).toBe(1);
    await clock.advance(1);
    await double.called('secses/delete', 1);
    expect(double.sessions.alive).toBe(0);
    await send(submitter, 'b.pdf');
    expect(callsOf(double, 'sec/authenticate')).toBe(2);
  });

  test('is given back at once when the submitter is closed, and after an upload that failed', async () => {
    const double = await aDouble();
    const submitter = submitterFor(double);
    double.fault = ({ service }) => (service === 'pupload' ? { is: 'cut', when: 'while' } : undefined);
    expect(await failureOf(send(submitter))).toBeInstanceOf(LanceurError);
    expect(double.sessions.alive).toBe(1);
    await submitter.close();
    expect(double.sessions.alive).toBe(0);
    const { params } = double.calls.at(-1)!;
    expect(params).toMatchObject({ service: 'secses/delete', forcedisconnect: '1' });
    expect(params['secsesid']).toBe(params['sessionid']);
  });

  test('is given back by `await using`, and by a submission that is stopped', async () => {
    const clock = watchedClock();
    const double = await aDouble({ clock });
    const submitter = submitterFor(double, { clock });
    double.fault = ({ service }) => (service === 'pupload' ? { is: 'stall', afterBytes: 1 } : undefined);
    const stop = new AbortController();
    const stopped = failureOf(
      submitter.submit(
        { key: 'pdf', job: '87', documents: [memoryDocument('a.pdf', Buffer.alloc(MORE_THAN_BUFFERS))] },
        { signal: stop.signal },
      ),
    );
    await double.called('pupload', 1);
    stop.abort();
    expect(await stopped).toMatchObject({ code: 'ABORTED' });
    await clock.advance(5_000);
    await double.called('secses/delete', 1);
    expect(double.sessions.alive).toBe(0);
    await submitter[Symbol.asyncDispose]();
  });

  test('is kept alive during an upload that takes longer than a session lives', async () => {
    const clock = watchedClock();
    const double = await aDouble({ clock, fault: at('pupload', 1, { is: 'slow', ms: 150_000 }) });
    const submitter = submitterFor(double, { clock, timeouts: { stallMs: 600_000 } });
    const sent = send(submitter);
    await clock.asleepFor(150_000);
    for (let n = 1; n <= 7; n++) {
      await clock.asleepFor(20_000);
      await clock.advance(20_000);
      await double.called('secses/keepalive', n);
    }
    await clock.advance(10_000);
    await sent;
    expect(callsOf(double, 'sec/authenticate')).toBe(1);
  });

  test('that was not kept alive dies, in the double as in EzGED', async () => {
    const clock = watchedClock();
    const double = await aDouble({ clock, fault: at('pupload', 1, { is: 'slow', ms: 61_000 }) });
    const submitter = submitterFor(double, {
      clock,
      timeouts: { stallMs: 600_000, keepaliveMs: 500_000 },
    });
    const sent = send(submitter);
    await clock.asleepFor(61_000);
    await clock.advance(61_000);
    await sent;
    expect(callsOf(double, 'sec/authenticate')).toBe(2);
    expect(documentsIn(double.waiting('factures'))).toHaveLength(1);
  });

  test('that has expired is opened anew, once, and the document arrives once', async () => {
    const double = await aDouble({ fault: at('pupload', 1, { is: 'expired' }) });
    let placing = 0;
    const submitter = submitterFor(double);
    await submitter.submit(
      { key: 'pdf', job: '87', documents: [memoryDocument('a.pdf', 'one')] },
      {
        beforePlacing: async () => {
          placing++;
        },
      },
    );
    expect(placing).toBe(1);
    expect(callsOf(double, 'sec/authenticate')).toBe(2);
    expect(double.uploads).toHaveLength(1);
  });

  test('that expires again and again is an error of the target, not a loop', async () => {
    const double = await aDouble({
      fault: ({ service }) => (service === 'pupload' ? { is: 'expired' } : undefined),
    });
    const failure = await failureOf(send(submitterFor(double)));
    expect(failure).toMatchObject({ code: 'EZGED_SESSION_LOST', scope: 'target', job: '87' });
    expect(callsOf(double, 'pupload')).toBe(2);
    expect(double.uploads).toHaveLength(0);
  });

  test('that expires under several uploads is opened anew once for all of them', async () => {
    const double = await aDouble({ licences: 2 });
    const submitter = submitterFor(double, { connections: 4 });
    await send(submitter, 'first.pdf');
    const { sessionid } = double.calls.at(-1)!.params;
    double.fault = ({ service, params }) =>
      service === 'pupload' && params['sessionid'] === sessionid ? { is: 'expired' } : undefined;
    await Promise.all(Array.from({ length: 4 }, (_, i) => send(submitter, `${String(i)}.pdf`)));
    expect(callsOf(double, 'sec/authenticate')).toBe(2);
    expect(double.uploads).toHaveLength(5);
  });
});

describe('licences', () => {
  test('that are all taken are waited for, longer and longer', async () => {
    const clock = watchedClock();
    const double = await aDouble({ clock, licences: 1 });
    const other = submitterFor(double);
    await send(other, 'other.pdf');
    const submitter = submitterFor(double, { clock });
    const sent = send(submitter);
    for (const [n, ms] of [1_000, 2_000, 4_000].entries()) {
      await double.called('sec/authenticate', n + 2);
      await clock.asleepFor(ms);
      expect(callsOf(double, 'sec/authenticate')).toBe(n + 2);
      if (n === 2) await other.close();
      await clock.advance(ms);
    }
    await sent;
    expect(double.sessions.most).toBe(1);
    expect(callsOf(double, 'sec/authenticate')).toBe(5);
  });

  test('that stay taken are an error of the target, with EzGED’s own words', async () => {
    const double = await aDouble({ licences: 0 });
    const submitter = submitterFor(double, { timeouts: { licenceMs: 1 } });
    const failure = await failureOf(send(submitter));
    expect(failure).toMatchObject({ code: 'EZGED_NO_LICENCE', scope: 'target', job: '87', transient: true });
    expect((failure as LanceurError).message).toContain('Nombre maximum de sessions atteint');
    expect(submitter.health()?.code).toBe('EZGED_NO_LICENCE');
  });

  test('are not waited for once the submitter is closed, nor by a submission that is stopped', async () => {
    const clock = watchedClock();
    const double = await aDouble({ clock, licences: 0 });
    const submitter = submitterFor(double, { clock });
    const stop = new AbortController();
    const document = memoryDocument('a.pdf', 'one');
    const group = { key: 'pdf', job: '87', documents: [document] };
    const stopped = failureOf(submitter.submit(group, { signal: stop.signal }));
    const closed = failureOf(submitter.submit(group));
    await double.called('sec/authenticate', 1);
    await clock.asleepFor(1_000);
    stop.abort();
    expect(await stopped).toMatchObject({ code: 'ABORTED' });
    await submitter.close();
    expect(await closed).toMatchObject({ code: 'EZGED_NO_LICENCE' });
  });
});

describe('logging in', () => {
  test('is a POST, with the md5 of the password for a local account', async () => {
    const double = await aDouble();
    await send(submitterFor(double));
    const [call] = double.calls;
    expect(call).toMatchObject({ method: 'POST', service: 'sec/authenticate' });
    const pwd = createHash('md5').update(ACCOUNT.password).digest('hex');
    expect(call?.params).toEqual({ service: 'sec/authenticate', login: ACCOUNT.user, pwd });
  });

  test('sends the password itself for an account of a domain', async () => {
    const account = { ...ACCOUNT, domain: 'MAIRIE' };
    const double = await aDouble({ accounts: [account] });
    await send(submitterFor(double, { domain: 'MAIRIE' }));
    expect(double.calls[0]?.params).toMatchObject({ domain: 'MAIRIE', pwd: ACCOUNT.password });
    expect(double.uploads).toHaveLength(1);
  });

  test('names the instance by its cookie, and sends back every cookie that is set', async () => {
    const double = await aDouble({ instances: ['instance', 'mairie2'] });
    await send(submitterFor(double, { instance: 'mairie2' }));
    expect(double.uploads).toMatchObject([{ instance: 'mairie2' }]);
    const cookies = double.calls.map((call) => Object.keys(call.cookies).sort());
    expect(cookies).toEqual([['instance'], ['PHPSESSID', 'instance', 'lang']]);
  });

  test('that is refused is not tried again before a pause that grows, but by check() at once', async () => {
    const clock = watchedClock();
    const double = await aDouble({ clock });
    const submitter = submitterFor(double, { clock, password: 'faux' });
    const failure = await failureOf(send(submitter));
    expect(failure).toMatchObject({ code: 'EZGED_LOGIN_REFUSED', scope: 'target', job: '87' });
    expect((failure as LanceurError).message).toContain('Identifiant ou mot de passe incorrect');
    expect(await failureOf(send(submitter))).toMatchObject({ code: 'EZGED_LOGIN_REFUSED' });
    expect(callsOf(double, 'sec/authenticate')).toBe(1);
    await clock.advance(60_000);
    await failureOf(send(submitter));
    expect(callsOf(double, 'sec/authenticate')).toBe(2);
    await clock.advance(60_000);
    await failureOf(send(submitter));
    expect(callsOf(double, 'sec/authenticate')).toBe(2);
    expect(await submitter.check()).toMatchObject([{ result: 'failed' }]);
    expect(callsOf(double, 'sec/authenticate')).toBe(3);
  });

  test('asks a function for the password each time, and says so where it has none', async () => {
    const double = await aDouble();
    let password: string = ACCOUNT.password;
    const submitter = submitterFor(double, { password: async () => password });
    await send(submitter);
    await submitter.close();
    password = '';
    expect(await failureOf(send(submitter, 'b.pdf'))).toMatchObject({ code: 'EZGED_LOGIN_REFUSED' });
    expect(callsOf(double, 'sec/authenticate')).toBe(1);
  });
});

test('a secret that cannot be had is said in the words of who looked for it', async () => {
  const double = await aDouble();
  const missing = () => {
    throw new LanceurError('SECRET_MISSING', {
      place: '{ "env": "EZGED" }',
      why: 'the variable EZGED is not set',
      why_fr: 'la variable EZGED n’est pas définie',
    });
  };
  for (const [option, code] of [
    ['password', 'EZGED_LOGIN_REFUSED'],
    ['token', 'EZGED_REFUSED'],
  ] as const) {
    const failure = await failureOf(send(submitterFor(double, { [option]: missing })));
    expect(failure).toMatchObject({ code, scope: 'target' });
    expect(String(failure)).toContain('the variable EZGED is not set');
  }
});

test('check() logs in, says what cannot be tried, and leaves no session behind', async () => {
  const double = await aDouble();
  const checks = await submitterFor(double, { nameWithSubmissionId: false }).check();
  expect(checks.map(({ result }) => result)).toEqual(['ok', 'warning', 'warning', 'warning']);
  expect(checks.map(({ message }) => message).join()).toContain('factures (job 87)');
  expect(double.sessions).toEqual({ alive: 0, most: 1 });
  expect(double.uploads).toHaveLength(0);
});
