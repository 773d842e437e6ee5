import { describe, expect, test } from 'vitest';
import { inFrench, LanceurError } from '@lanceur/core';
import { memoryDocument } from '@lanceur/core/testing';
import type { Ezged } from '@lanceur/protocols/ezged';
import { documentsIn, type EzgedCall, type Fault } from '../../servers/ezged.js';
import { aDouble, callsOf, failureOf, MORE_THAN_BUFFERS, submitterFor } from './bench.js';

const HTML = '<!DOCTYPE html><html><head><title>Maintenance en cours</title></head><body>…</body></html>';

function send(submitter: Ezged, name = 'a.pdf', content: string | Uint8Array = 'one') {
  return submitter.submit({ key: 'pdf', job: '87', documents: [memoryDocument(name, content)] });
}

function always(service: string, fault: Fault) {
  return (call: EzgedCall) => (call.service === service ? fault : undefined);
}

interface Case {
  readonly fault: Fault;
  readonly code: string;
  /** What the message must hold. */
  readonly says?: string;
}

/** Of a login: nothing has been sent, so each is an error of the target. */
const logins: Readonly<Record<string, Case>> = {
  'an error page': {
    fault: { is: 'answer', status: 500, type: 'text/html', body: HTML },
    code: 'EZGED_BAD_ANSWER',
    says: 'HTTP 500, an HTML page ("Maintenance en cours")',
  },
  'an HTML page with HTTP 200': {
    fault: { is: 'answer', type: 'text/html', body: HTML },
    code: 'EZGED_BAD_ANSWER',
    says: 'Maintenance en cours',
  },
  'nothing at all': { fault: { is: 'answer', body: '' }, code: 'EZGED_BAD_ANSWER', says: 'nothing' },
  'a list': { fault: { is: 'answer', body: '[]' }, code: 'EZGED_BAD_ANSWER' },
  'JSON that is cut short': { fault: { is: 'answer', body: '{"errorcode":0,' }, code: 'EZGED_BAD_ANSWER' },
  'no errorcode': {
    fault: { is: 'without', fields: ['errorcode'] },
    code: 'EZGED_BAD_ANSWER',
    says: 'without errorcode',
  },
  'no rows': {
    fault: { is: 'without', fields: ['rows'] },
    code: 'EZGED_BAD_ANSWER',
    says: 'without sessionid',
  },
  'an errorcode that is no number': {
    fault: { is: 'answer', body: '{"errorcode":"oops","errormsg":"x"}' },
    code: 'EZGED_BAD_ANSWER',
  },
  'an error inside HTTP 200': {
    fault: { is: 'refuse', errorcode: -7, errormsg: 'Base de données indisponible' },
    code: 'EZGED_LOGIN_REFUSED',
    says: 'Base de données indisponible',
  },
  'an error code as text': {
    fault: { is: 'refuse', errorcode: '-18', errormsg: 'Trop de sessions' },
    code: 'EZGED_NO_LICENCE',
    says: 'Trop de sessions',
  },
  'a redirect': {
    fault: { is: 'answer', status: 302, location: 'https://elsewhere.example/login?sessionid=1', body: '' },
    code: 'EZGED_REDIRECTED',
    says: 'https://elsewhere.example/login;',
  },
  'a cut connection': { fault: { is: 'cut', when: 'before' }, code: 'EZGED_UNREACHABLE' },
  'half an answer': { fault: { is: 'cut', when: 'answering' }, code: 'EZGED_UNREACHABLE' },
  'control characters': {
    fault: { is: 'refuse', errorcode: 3, errormsg: 'a\u001b[31m\u202eb\r\nc' },
    code: 'EZGED_LOGIN_REFUSED',
    says: 'a\\u{1b}[31m\\u{202e}b',
  },
};

describe('a login that is answered with', () => {
  test.each(Object.entries(logins))(
    '%s is an error of the target',
    async (_name, { fault, code, says = '' }) => {
      const double = await aDouble({ fault: always('sec/authenticate', fault) });
      const submitter = submitterFor(double, { timeouts: { licenceMs: 1 } });
      const failure = await failureOf(send(submitter));
      expect(failure).toBeInstanceOf(LanceurError);
      expect(failure).toMatchObject({ code, scope: 'target', job: '87' });
      const { message, reason } = failure as LanceurError;
      expect(message).toContain(says);
      expect(message).not.toMatch(/[\u0000-\u001f]/u);
      expect(inFrench(reason)).not.toBe(reason.message);
      expect(callsOf(double, 'pupload')).toBe(0);
    },
  );
});

/** Of an upload, when EzGED has had all of it. */
const uploads: Readonly<Record<string, Case>> = {
  'an error page': {
    fault: { is: 'answer', status: 500, type: 'text/html', body: HTML },
    code: 'IN_DOUBT',
    says: 'HTTP 500',
  },
  'an HTML page with HTTP 200': {
    fault: { is: 'answer', type: 'text/html', body: HTML },
    code: 'IN_DOUBT',
    says: 'Maintenance en cours',
  },
  'no success and no errorcode': {
    fault: { is: 'without', fields: ['success', 'errorcode'] },
    code: 'IN_DOUBT',
    says: 'without errorcode',
  },
  'success and an errorcode': {
    fault: { is: 'answer', body: '{"success":true,"errorcode":12,"errormsg":"x"}' },
    code: 'IN_DOUBT',
  },
  'a cut when it has all of it': { fault: { is: 'cut', when: 'after' }, code: 'IN_DOUBT', says: 'was cut' },
  'a cut when it has carried it out': { fault: { is: 'cut', when: 'done' }, code: 'IN_DOUBT' },
  'half an answer': { fault: { is: 'cut', when: 'answering' }, code: 'IN_DOUBT' },
  'a redirect': {
    fault: { is: 'answer', status: 307, location: '/login', body: '' },
    code: 'EZGED_REDIRECTED',
    says: '/login',
  },
  'HTTP 403': {
    fault: { is: 'answer', status: 403, type: 'text/html', body: HTML },
    code: 'EZGED_BAD_ANSWER',
    says: 'HTTP 403',
  },
  'HTTP 413': { fault: { is: 'answer', status: 413, body: '' }, code: 'DOCUMENT_REFUSED', says: 'HTTP 413' },
  'a refusal': {
    fault: { is: 'answer', body: '{"success":false,"errormsg":"Disque plein"}' },
    code: 'EZGED_REFUSED',
    says: 'Disque plein',
  },
  'a refusal that has a number as text': {
    fault: { is: 'refuse', errorcode: '77', errormsg: 'Non autorisé' },
    code: 'EZGED_REFUSED',
    says: 'Non autorisé (77)',
  },
  'a cut before it has read any of it': { fault: { is: 'cut', when: 'before' }, code: 'EZGED_UNREACHABLE' },
  'a cut in the middle of it': {
    fault: { is: 'cut', when: 'while', afterBytes: 2_000_000 },
    code: 'EZGED_UNREACHABLE',
  },
};

describe('an upload that is answered with', () => {
  test.each(Object.entries(uploads))(
    '%s is known for what it is',
    async (_name, { fault, code, says = '' }) => {
      const double = await aDouble({ fault: always('pupload', fault) });
      const submitter = submitterFor(double);
      const failure = await failureOf(
        send(
          submitter,
          'a.pdf',
          Buffer.alloc(
            fault.is === 'cut' && ['while', 'before'].includes(fault.when) ? MORE_THAN_BUFFERS : 1_000_000,
            7,
          ),
        ),
      );
      expect(failure).toBeInstanceOf(LanceurError);
      const scope = code.startsWith('EZGED') ? 'target' : 'document';
      expect(failure).toMatchObject({ code, scope });
      const { message, cause } = failure as LanceurError;
      expect(code === 'IN_DOUBT' ? (cause as Error).message : message).toContain(says);
      // What is said not to be there is not there.
      if (code !== 'IN_DOUBT') expect(documentsIn(double.waiting('factures'))).toEqual([]);
      double.fault = undefined;
      await send(submitter, 'b.pdf');
      expect(documentsIn(double.waiting('factures')).at(-1)?.bytes.toString()).toBe('one');
    },
  );

  test.each<[string, Fault]>([
    ['a redirect', { is: 'answer', status: 302, location: '/', body: '', early: true }],
    ['HTTP 401', { is: 'answer', status: 401, body: '', early: true }],
    ['a page', { is: 'answer', type: 'text/html', body: HTML, early: true }],
    ['success', { is: 'answer', body: '{"success":true}', early: true }],
  ])('%s before EzGED has all of it is never taken for more than it is', async (_name, fault) => {
    const double = await aDouble({ fault: always('pupload', fault) });
    let placing = 0;
    const failure = await failureOf(
      submitterFor(double).submit(
        { key: 'pdf', job: '87', documents: [memoryDocument('a.pdf', Buffer.alloc(MORE_THAN_BUFFERS, 7))] },
        {
          beforePlacing: async () => {
            placing++;
          },
        },
      ),
    );
    expect(failure).toMatchObject({ scope: 'target', job: '87' });
    expect(placing).toBe(0);
  });

  test('a warning of PHP in front of it is understood', async () => {
    const double = await aDouble({ fault: always('pupload', { is: 'warning' }) });
    await send(submitterFor(double));
    expect(double.uploads).toHaveLength(1);
  });

  test('the same twice does not pass for the answer to the next one', async () => {
    const double = await aDouble({ fault: always('pupload', { is: 'twice' }) });
    const submitter = submitterFor(double, { connections: 1 });
    const outcomes = [];
    for (let n = 0; n < 10; n++) {
      if (n > 0)
        double.fault = ({ service }) => (service === 'pupload' ? { is: 'cut', when: 'after' } : undefined);
      outcomes.push(await failureOf(send(submitter, `${String(n)}.pdf`)));
      if (n % 2 === 0) double.fault = always('pupload', { is: 'twice' });
    }
    const arrived = documentsIn(double.waiting('factures')).length;
    expect(outcomes.filter((outcome) => outcome === undefined)).toHaveLength(arrived);
    expect(arrived).toBeLessThan(10);
  });
});

describe('a refusal without a reason that we know', () => {
  test('blames no document as long as the job has not taken another one', async () => {
    const double = await aDouble();
    const submitter = submitterFor(double, { token: 'faux' });
    for (const name of ['a.pdf', 'b.pdf', 'c.pdf']) {
      const failure = await failureOf(send(submitter, name));
      expect(failure).toMatchObject({ code: 'EZGED_REFUSED', scope: 'target', job: '87' });
      expect((failure as LanceurError).message).toContain('Jeton de dépôt invalide');
    }
    expect(submitter.health()?.code).toBe('EZGED_REFUSED');
  });

  test('blames the document when the job has taken another one since the last', async () => {
    const double = await aDouble();
    const submitter = submitterFor(double);
    double.fault = ({ params }) =>
      params['name']?.startsWith('bad') === true
        ? { is: 'refuse', errorcode: 9, errormsg: 'Format interdit' }
        : undefined;
    const codes = [];
    for (const name of ['bad.exe', 'a.pdf', 'bad.exe', 'bad.exe', 'b.pdf', 'bad.exe']) {
      codes.push(((await failureOf(send(submitter, name))) as LanceurError | undefined)?.code);
    }
    expect(codes).toEqual([
      'EZGED_REFUSED',
      undefined,
      'DOCUMENT_REFUSED',
      'EZGED_REFUSED',
      undefined,
      'DOCUMENT_REFUSED',
    ]);
  });
});
