import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inFrench, LanceurError, whatToDo, type Code, type Listener } from '@lanceur/core';
import { imap, moveTo, type ImapListener, type ImapOptions } from '@lanceur/protocols/imap';
import { pop3, type Pop3Options } from '@lanceur/protocols/pop3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { networkWords, tlsWords } from '../../../packages/protocols/dist/mail/connection-words.js';
import { DOVECOT, startDovecot, type Dovecot } from '../../servers/dovecot.js';
import { freePorts } from '../../servers/port.js';
import { startScriptedImap } from '../../servers/scripted-imap.js';
import { needs } from '../../support/needs.js';

/** What people read of a failure: the reason in English and in French, without the number of the port. */
interface Said {
  readonly code: Code;
  readonly en: string;
  readonly fr: string;
}

function saidOf(error: unknown): Said {
  if (!LanceurError.is(error)) throw error;
  const { code, reason } = error;
  // No full stop is doubled, and no advice left out.
  const todo = whatToDo(code);
  expect(error.message).toBe(todo === undefined ? reason.message : `${reason.message}. ${todo}`);
  const masked = (text: string) => text.replace(/(?<=(?:127\.0\.0\.1|localhost):)\d+/gu, 'PORT');
  return { code, en: masked(reason.message), fr: masked(inFrench(reason)) };
}

async function connecting(listener: Listener): Promise<Said> {
  const session = await listener.connect().catch((error: unknown) => saidOf(error));
  if ('code' in session) return session;
  await session.close();
  throw new Error('it was let in');
}

function thrownBy(make: () => unknown): Said {
  try {
    make();
  } catch (error) {
    return saidOf(error);
  }
  throw new Error('nothing was thrown');
}

interface Left {
  /** What is not taken from the server. */
  readonly without?: readonly ('ca' | 'password')[];
}

function less({ ca, password }: Dovecot, without: NonNullable<Left['without']>) {
  return {
    ...(!without.includes('ca') && { ca }),
    ...(!without.includes('password') && { password }),
  };
}

const IMAP = 'jean@example.org on 127.0.0.1:PORT/INBOX';
const POP3 = 'pop3 jean@example.org@127.0.0.1:PORT';

describe.skipIf(!needs(DOVECOT.program, DOVECOT))('at Dovecot', () => {
  let dovecot: Dovecot;
  let folder: string;

  beforeAll(async () => {
    dovecot = await startDovecot();
    folder = await mkdtemp(path.join(tmpdir(), 'lanceur-said-'));
  });

  afterAll(async () => {
    await dovecot.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function byImap({ without = [], ...more }: Partial<ImapOptions> & Left): ImapListener {
    const { host, user, ports } = dovecot;
    return imap({ host, port: ports.imaps, user, ...less(dovecot, without), ...more });
  }

  function byPop3({ without = [], ...more }: Partial<Pop3Options> & Left): Listener {
    const { host, user, ports } = dovecot;
    const spool = path.join(folder, 'spool');
    return pop3({ host, port: ports.pop3s, user, spool, ...less(dovecot, without), ...more });
  }

  test('a wrong password is told in one sentence of the server, by either protocol', async () => {
    const en = 'the mail account jean@example.org was not let in: Authentication failed';
    const fr = 'l’accès au compte de messagerie jean@example.org a été refusé : Authentication failed';
    expect(await connecting(byImap({ password: 'wrong' }))).toEqual({
      code: 'LOGIN_REFUSED',
      en: `${en} [AUTHENTICATIONFAILED]`,
      fr: `${fr} [AUTHENTICATIONFAILED]`,
    });
    expect(await connecting(byPop3({ password: 'wrong' }))).toEqual({
      code: 'LOGIN_REFUSED',
      en: `${en} [AUTH]`,
      fr: `${fr} [AUTH]`,
    });
  });

  test.each([
    ['IMAP', IMAP, byImap, 'PLAIN, LOGIN'],
    ['POP3', POP3, byPop3, 'PLAIN, LOGIN, USER'],
  ] as const)('a server without XOAUTH2 says by %s what it has', async (_, where, make, offered) => {
    expect(await connecting(make({ accessToken: 'token', without: ['password'] }))).toEqual({
      code: 'LOGIN_UNSUPPORTED',
      en: `the server of ${where} has no login by an access token (XOAUTH2): it offers ${offered}`,
      fr: `le serveur de ${where} ne permet pas de s’identifier par jeton d’accès (XOAUTH2) ; il permet : ${offered}`,
    });
  });

  test('a password function that throws is no refusal: no server was asked, and nothing is paused', async () => {
    const password = () => {
      throw new TypeError('the vault is shut');
    };
    const said: Said = {
      code: 'SECRET_FAILED',
      en: 'the password or token of the mail account jean@example.org cannot be had: the function `password` threw (TypeError)',
      fr: 'le mot de passe ou le jeton du compte de messagerie jean@example.org ne peut être obtenu : la fonction `password` a levé une exception (TypeError)',
    };
    for (const listener of [byImap({ password }), byPop3({ password })]) {
      expect(await connecting(listener)).toEqual(said);
      expect(await connecting(listener)).toEqual(said);
    }
  });

  const silent = (where: string): Said => ({
    code: 'MAILBOX_STALLED',
    en: `the server of the mailbox ${where} has not answered for 1 s`,
    fr: `le serveur de la boîte ${where} ne répond plus depuis 1 s`,
  });

  test('a port for TLS that is spoken to in clear, and IMAP at a port of POP3: advice on port and tls', async () => {
    const { imaps, pop3s, pop3: plain } = dovecot.ports;
    const timeoutMs = 1000;
    for (const tls of ['none', 'starttls'] as const) {
      expect(await connecting(byImap({ tls, port: imaps, timeoutMs }))).toEqual(silent(IMAP));
      expect(await connecting(byPop3({ tls, port: pop3s, timeoutMs }))).toEqual(silent(POP3));
    }
    expect(await connecting(byImap({ tls: 'none', port: plain, timeoutMs }))).toEqual(silent(IMAP));
  });

  test('POP3 at a port of IMAP', async () => {
    for (const o of [{ port: dovecot.ports.imaps }, { tls: 'none', port: dovecot.ports.imap }] as const) {
      expect(await connecting(byPop3(o))).toEqual({
        code: 'MAILBOX_FAILED',
        en: `the mailbox ${POP3} failed: an IMAP server answers at this port; POP3 has 995 for TLS, and 110`,
        fr: `la boîte ${POP3} a échoué : un serveur IMAP répond à ce port ; POP3 a le 995 pour TLS, et le 110`,
      });
    }
  });

  const unsafe = (where: string, en: string, fr: string): Said => ({
    code: 'TLS_FAILED',
    en: `no safe connection to ${where}: ${en}`,
    fr: `pas de connexion sûre à ${where} : ${fr}`,
  });

  test('TLS at a port for plain connections is told without OpenSSL’s words', async () => {
    const en =
      "what answers at this port does not begin with TLS: set `tls: 'starttls'`, or give the port for TLS";
    const fr =
      "ce qui répond à ce port ne commence pas par TLS : mettre `tls: 'starttls'`, ou donner le port pour TLS";
    const withoutCode = ({ code, ...texts }: Said): Said => ({
      code,
      en: texts.en.replace(/ \(ERR_SSL_\w+\)$/u, ''),
      fr: texts.fr.replace(/ \(ERR_SSL_\w+\)$/u, ''),
    });
    const [atImap, atPop3] = [byImap({ port: dovecot.ports.imap }), byPop3({ port: dovecot.ports.pop3 })];
    expect(withoutCode(await connecting(atImap))).toEqual(unsafe('127.0.0.1:PORT', en, fr));
    expect(withoutCode(await connecting(atPop3))).toEqual(unsafe(POP3, en, fr));
  });

  test('a certificate of an unknown authority, or for another name, is told alike by both', async () => {
    const unknown = [
      'its certificate comes from an authority that is not known here: give that authority with `ca` (UNABLE_TO_VERIFY_LEAF_SIGNATURE)',
      'son certificat vient d’une autorité inconnue ici : donner cette autorité par `ca` (UNABLE_TO_VERIFY_LEAF_SIGNATURE)',
    ] as const;
    for (const tls of ['implicit', 'starttls'] as const) {
      const port = dovecot.ports[tls === 'implicit' ? 'imaps' : 'imap'];
      const popPort = dovecot.ports[tls === 'implicit' ? 'pop3s' : 'pop3'];
      const o = { tls, without: ['ca'] } as const;
      expect(await connecting(byImap({ ...o, port }))).toEqual(unsafe('127.0.0.1:PORT', ...unknown));
      expect(await connecting(byPop3({ ...o, port: popPort }))).toEqual(unsafe(POP3, ...unknown));
    }
    const names = 'DNS:localhost, IP Address:127.0.0.1';
    const other = [
      `its certificate is for ${names}: correct \`host\`, or give that name with \`serverName\` (ERR_TLS_CERT_ALTNAME_INVALID)`,
      `son certificat est pour ${names} : corriger \`host\`, ou donner ce nom par \`serverName\` (ERR_TLS_CERT_ALTNAME_INVALID)`,
    ] as const;
    const serverName = 'imap.example.org';
    expect(await connecting(byImap({ serverName }))).toEqual(unsafe('127.0.0.1:PORT', ...other));
    expect(await connecting(byPop3({ serverName }))).toEqual(unsafe(POP3, ...other));
  });

  test('nothing listens at the port, which is named', async () => {
    const [port = 0] = await freePorts(1);
    for (const [where, listener] of [
      [IMAP, byImap({ port })],
      [POP3, byPop3({ port })],
    ] as const) {
      expect(await connecting(listener)).toEqual({
        code: 'MAILBOX_FAILED',
        en: `the mailbox ${where} failed: nothing listens there (ECONNREFUSED)`,
        fr: `la boîte ${where} a échoué : rien n’écoute à cette adresse (ECONNREFUSED)`,
      });
    }
  });

  test('the doctor names the folders that there are where the one to move to is missing', async () => {
    await dovecot.deliver('Subject: hello\r\n\r\nhello\r\n', { mailbox: 'Bureau' });
    const checks = await byImap({ after: moveTo('Nulle part', { create: false }) }).check();
    const failed = checks.filter(({ result }) => result === 'failed').map(({ reason }) => reason);
    expect(failed).toHaveLength(1);
    expect(failed[0]?.message).toBe(
      'the account jean@example.org has no mailbox folder Nulle part; it has INBOX, Sent, Junk, Trash, Bureau',
    );
    expect(failed.map((reason) => reason && inFrench(reason))).toEqual([
      'le compte jean@example.org n’a pas de dossier de messagerie Nulle part ; il a INBOX, Sent, Junk, Trash, Bureau',
    ]);
  });
});

test('a server that lets nobody in without TLS says so', async () => {
  const server = await startScriptedImap({ capabilities: ['IMAP4rev1', 'LOGINDISABLED'] });
  const listener = imap({
    host: '127.0.0.1',
    port: server.port,
    tls: 'none',
    user: 'jean@example.org',
    password: 'secret',
  });
  expect(await connecting(listener)).toEqual({
    code: 'LOGIN_UNSUPPORTED',
    en: `the server of ${IMAP} has no login by a password: it offers nothing before TLS, or at all`,
    fr: `le serveur de ${IMAP} ne permet pas de s’identifier par mot de passe ; il permet : rien avant TLS, ou rien du tout`,
  });
  await server.stop();
});

test('what to do is said in both languages', () => {
  const advice = (code: Code) => [whatToDo(code), whatToDo(code, 'fr')];
  expect(advice('MAILBOX_FAILED')).toEqual([
    'If the mail server cannot be reached, check its name and port, the firewall and the network; it is tried again at every poll.',
    'Si le serveur de messagerie ne peut être joint, vérifier son nom et son port, le pare-feu et le réseau ; nouvel essai à chaque passage.',
  ]);
  expect(advice('MAILBOX_STALLED')).toEqual([
    "Check the mail server and the firewall. If it has never answered, check that `port` is the protocol's own and fits `tls`: 993 (IMAP) and 995 (POP3) want 'implicit', 143 and 110 'starttls' or 'none'.",
    "Vérifier le serveur de messagerie et le pare-feu. S’il n’a jamais répondu, vérifier que `port` est bien celui du protocole et convient à `tls` : 993 (IMAP) et 995 (POP3) demandent 'implicit', 143 et 110 'starttls' ou 'none'.",
  ]);
  for (const text of advice('SECRET_FAILED')) expect(text).not.toMatch(/Gmail/u);
});

test('what the operating system and OpenSSL know by codes is said in words, with the code', () => {
  expect(networkWords('ENOTFOUND')).toEqual({
    en: 'there is no server of this name (ENOTFOUND)',
    fr: 'aucun serveur ne porte ce nom (ENOTFOUND)',
  });
  expect(networkWords('EWHATEVER')).toBeUndefined();
  expect(tlsWords('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate')).toEqual({
    en: 'its certificate has no authority but itself: give it with `ca` (DEPTH_ZERO_SELF_SIGNED_CERT)',
    fr: 'son certificat est auto-signé : le donner par `ca` (DEPTH_ZERO_SELF_SIGNED_CERT)',
  });
  expect(tlsWords('', '80B7:error:0A00010B:SSL routines:ssl3_get_record:wrong version number').en).toBe(
    "what answers at this port does not begin with TLS: set `tls: 'starttls'`, or give the port for TLS",
  );
  expect(tlsWords('ERR_SSL_NO_CIPHER', 'no shared cipher').fr).toBe('no shared cipher (ERR_SSL_NO_CIPHER)');
});

describe('an option that cannot be meant', () => {
  const base = { host: 'mail.example.org', user: 'jean@example.org' };

  test('neither password nor token, or both', () => {
    const en = 'expected `password` to be given, or `accessToken`, and not both, got';
    const fr = '`password` devrait être donné, ou `accessToken`, et pas les deux ; reçu :';
    // As a program without types has it.
    const untyped = imap as (options: object) => Listener;
    expect(thrownBy(() => untyped(base))).toEqual({
      code: 'INVALID_OPTION',
      en: `${en} neither`,
      fr: `${fr} aucun`,
    });
    expect(thrownBy(() => untyped({ ...base, password: 'secret', accessToken: 'token' }))).toEqual({
      code: 'INVALID_OPTION',
      en: `${en} both`,
      fr: `${fr} les deux`,
    });
  });

  test('the path of a certificate in the place of its content', () => {
    const ca = '/etc/ssl/mairie.pem';
    expect(thrownBy(() => imap({ ...base, password: 'secret', ca }))).toEqual({
      code: 'INVALID_OPTION',
      en: `expected \`ca\` to be certificates in PEM, the content of the file, got what looks like a path, "${ca}": read that file`,
      fr: `\`ca\` devrait être des certificats en PEM, le contenu du fichier ; reçu : ce qui semble un chemin, "${ca}" : lire ce fichier`,
    });
    expect(thrownBy(() => imap({ ...base, password: 'secret', ca: 'MIIB' })).en).toBe(
      'expected `ca` to be certificates in PEM, the content of the file, got a text that holds none',
    );
  });

  test('moveTo without its folder', () => {
    const after = moveTo as unknown as NonNullable<ImapOptions['after']>;
    expect(thrownBy(() => imap({ ...base, password: 'secret', after }))).toEqual({
      code: 'INVALID_OPTION',
      en: 'expected `after` to be remove(), moveTo(folder), flag(…), seen() or keep(), got the function moveTo itself: call it',
      fr: '`after` devrait être remove(), moveTo(dossier), flag(…), seen() ou keep() ; reçu : la fonction moveTo elle-même : l’appeler',
    });
  });
});
