import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface ScriptedMail {
  readonly uid: number;
  readonly subject?: string;
  /** With its angle brackets. Default: one by its UID; `''` = none. */
  readonly messageId?: string;
  /** OBJECTID's (RFC 8474), if the server has that capability. */
  readonly emailId?: string;
  readonly received?: Date;
  readonly flags?: readonly string[];
  readonly attachments?: readonly { readonly name: string; readonly content: Uint8Array }[];
  /** Instead of the true one. */
  readonly bodyStructure?: string;
  /** What is sent for a section, instead of what is there: `{ '2': '…' }`. */
  readonly sections?: Readonly<Record<string, string>>;
}

export interface ScriptedCommand {
  readonly tag: string;
  /** `FETCH`, also of `UID FETCH`. */
  readonly name: string;
  readonly line: string;
  /** The how many-th command of this name, from 1, over all connections. */
  readonly nth: number;
}

/**
 * What happens instead of a command: these lines (`\r\n` at the end), and the end of the connection where `ends` says so;
 * nothing ever; or a reset connection; `undefined` = it is carried out.
 */
export type Meddling = { readonly send: string; readonly ends?: boolean } | 'silence' | 'cut' | undefined;

export interface ScriptedOptions {
  readonly capabilities?: readonly string[];
  readonly greeting?: string;
  readonly mails?: readonly ScriptedMail[];
  readonly uidValidity?: number;
  /** An account that several servers share. Default: one of its own, with `mails` and `uidValidity`. */
  readonly account?: ScriptedAccount;
  /** Around each command, one after the other on each connection: `act` carries it out, and answers. */
  readonly around?: (command: ScriptedCommand, act: () => void) => Promise<void>;
  readonly meddle?: (command: ScriptedCommand) => Meddling;
  /** A connection has ended. */
  readonly onClose?: () => void;
  /** Flags that the mailbox keeps. Default: all. */
  readonly permanentFlags?: string;
  /** What a client is told of a token that is refused, before it answers with an empty line. Default: Gmail's words. */
  readonly challenge?: string;
  /** What follows that line; `''` = a reset connection. Default: NO. */
  readonly refusal?: (tag: string) => string;
}

/** What is in an account: its folders, and the UIDs that they have given so far. */
export class ScriptedAccount {
  readonly folders = new Map<string, ScriptedMail[]>();
  readonly #given = new Map<string, number>();
  uidValidity: number;

  constructor(inbox: readonly ScriptedMail[] = [], uidValidity = 1) {
    this.folders.set('INBOX', [...inbox]);
    this.uidValidity = uidValidity;
  }

  /** The UID of the next mail that comes into a folder: never one that another mail has had. */
  nextUid(folder: string): number {
    const there = (this.folders.get(folder) ?? []).map((mail) => mail.uid);
    return Math.max(this.#given.get(folder) ?? 0, ...there) + 1;
  }

  /** Puts a mail into a folder, under its next UID. */
  add(folder: string, mail: ScriptedMail): void {
    const uid = this.nextUid(folder);
    this.#given.set(folder, uid);
    this.folders.set(folder, [...(this.folders.get(folder) ?? []), { ...mail, uid }]);
  }

  /** Only these stay in a folder. */
  keep(folder: string, wanted: (mail: ScriptedMail) => boolean): void {
    const mails = this.folders.get(folder) ?? [];
    this.#given.set(folder, this.nextUid(folder) - 1);
    this.folders.set(folder, mails.filter(wanted));
  }

  /** The mailbox is rebuilt, without what is marked as deleted: all its mails get other UIDs, the last one the first. */
  renumber(): void {
    this.uidValidity++;
    this.#given.clear();
    for (const [folder, mails] of this.folders) {
      const left = mails.filter(({ flags }) => flags?.includes('\\Deleted') !== true).reverse();
      this.folders.set(
        folder,
        left.map((mail, i) => ({ ...mail, uid: i + 1 })),
      );
    }
  }
}

/** An IMAP server with one account, in memory, that does what real ones do not. */
export interface ScriptedImap {
  readonly port: number;
  readonly user: 'jean';
  readonly password: 'secret';
  /** All folders with their mails; changed by the client, and by a test. */
  readonly folders: Map<string, ScriptedMail[]>;
  uidValidity: number;
  /** Every line that clients have sent. */
  readonly lines: string[];
  /** Connections that are open now. */
  readonly connections: number;
  /** Puts a mail into the inbox and tells those who wait. */
  push(mail: ScriptedMail): void;
  /** Ends all connections. */
  cut(): void;
  /** Takes leave on all connections, and ends them. Resolves when the other ends are closed. */
  leave(words: string): Promise<void>;
  stop(): Promise<void>;
}

/** What a server with all that is useful offers. */
export const FULL = [
  'IMAP4rev1',
  'ID',
  'NAMESPACE',
  'IDLE',
  'UIDPLUS',
  'MOVE',
  'UNSELECT',
  'SASL-IR',
  'AUTH=PLAIN',
];

const GMAIL_CHALLENGE = '{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}';

export async function startScriptedImap(options: ScriptedOptions = {}): Promise<ScriptedImap> {
  const sockets = new Set<Socket>();
  const counts = new Map<string, number>();
  const account = options.account ?? new ScriptedAccount(options.mails, options.uidValidity);
  const state: State = {
    options,
    capabilities: options.capabilities ?? FULL,
    account,
    idlers: new Set(),
  };
  const lines: string[] = [];

  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket
      .on('error', () => undefined)
      .on('close', () => {
        sockets.delete(socket);
        options.onClose?.();
      });
    const dialogue = new Dialogue(state, socket);
    let rest = '';
    let before = Promise.resolve();
    const carryOut = (command: ScriptedCommand, isCommand: boolean): void => {
      const { around } = options;
      // What a session that was cut had still to do is not done.
      const act = (): void => {
        if (!socket.destroyed) dialogue.take(command.line);
      };
      if (around === undefined || !isCommand) act();
      else before = before.then(() => (socket.destroyed ? undefined : around(command, act)));
    };
    socket.write(options.greeting ?? '* OK ready\r\n');
    socket.setEncoding('latin1').on('data', (text: string) => {
      rest += text;
      for (let end = rest.indexOf('\r\n'); end !== -1; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        lines.push(line);
        const [, tag = '', name = ''] = /^(\S+) (?:UID )?(\S+)/iu.exec(line) ?? [];
        const key = name.toUpperCase();
        counts.set(key, (counts.get(key) ?? 0) + 1);
        const isCommand = dialogue.isCommand(line);
        const command = { tag, name: key, line, nth: counts.get(key) ?? 0 };
        const meddling = isCommand ? options.meddle?.(command) : undefined;
        if (meddling === 'silence') continue;
        if (meddling === 'cut') socket.resetAndDestroy();
        else if (meddling?.ends === true) socket.end(meddling.send, 'latin1');
        else if (meddling !== undefined) socket.write(meddling.send, 'latin1');
        else carryOut(command, isCommand);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    user: 'jean',
    password: 'secret',
    folders: account.folders,
    get uidValidity() {
      return account.uidValidity;
    },
    set uidValidity(value) {
      account.uidValidity = value;
    },
    lines,
    get connections() {
      return sockets.size;
    },
    push(mail) {
      const inbox = account.folders.get('INBOX') ?? [];
      inbox.push(mail);
      for (const socket of state.idlers) socket.write(`* ${String(inbox.length)} EXISTS\r\n`);
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async leave(words) {
      const closed = [...sockets].map((socket) => once(socket, 'close'));
      for (const socket of sockets) socket.end(`* BYE ${words}\r\n`);
      await Promise.all(closed);
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await once(server.close(), 'close');
    },
  };
}

interface State {
  readonly options: ScriptedOptions;
  readonly capabilities: readonly string[];
  readonly account: ScriptedAccount;
  readonly idlers: Set<Socket>;
}

class Dialogue {
  readonly #state: State;
  readonly #socket: Socket;
  #selected = 'INBOX';
  /** The command that waits for a further line. */
  #awaits: { readonly tag: string; readonly line: 'DONE' | 'credentials' | 'token' | 'nothing' } | undefined;

  constructor(state: State, socket: Socket) {
    this.#state = state;
    this.#socket = socket;
  }

  isCommand(line: string): boolean {
    return this.#awaits === undefined && /^\S+ \S/u.test(line);
  }

  take(line: string): void {
    if (this.#awaits !== undefined) {
      const { tag, line: awaited } = this.#awaits;
      this.#awaits = undefined;
      if (awaited === 'DONE') this.#state.idlers.delete(this.#socket);
      if (awaited === 'DONE') this.#send(`${tag} OK idled`);
      else if (awaited === 'nothing') this.#refuse(tag, line);
      else this.#send(this.#login(tag, line, awaited === 'token'));
      return;
    }
    const [, tag = '', name = '', args = ''] = /^(\S+) (?:UID )?(\S+) ?(.*)$/iu.exec(line) ?? [];
    this.#send(...this.#answer(tag, name.toUpperCase(), args));
  }

  get #mails(): ScriptedMail[] {
    return this.#state.account.folders.get(this.#selected) ?? [];
  }

  #send(...lines: readonly string[]): void {
    this.#socket.write(lines.map((line) => `${line}\r\n`).join(''), 'latin1');
  }

  /** The lines to send. */
  #answer(tag: string, name: string, args: string): readonly string[] {
    const { capabilities, account } = this.#state;
    const { folders, uidValidity } = account;
    const ok = `${tag} OK done`;
    switch (name) {
      case 'CAPABILITY':
        return [`* CAPABILITY ${capabilities.join(' ')}`, ok];
      case 'ID':
        return ['* ID ("name" "Scripted")', ok];
      case 'NAMESPACE':
        return ['* NAMESPACE (("" "/")) NIL NIL', ok];
      case 'AUTHENTICATE': {
        const [mechanism, initial] = args.split(' ');
        const isToken = mechanism === 'XOAUTH2';
        if (initial === undefined) {
          this.#awaits = { tag, line: isToken ? 'token' : 'credentials' };
          return ['+ '];
        }
        return [this.#login(tag, initial, isToken)];
      }
      case 'LOGIN':
        return [args.includes('secret') ? ok : `${tag} NO [AUTHENTICATIONFAILED] wrong`];
      case 'LIST':
      case 'LSUB':
        // Asked for nothing, it tells the separator (RFC 3501, section 6.3.8).
        if (/^"" ""$/u.test(args)) return [`* ${name} (\\Noselect) "/" ""`, ok];
        return [...[...folders.keys()].map((each) => `* ${name} () "/" "${each}"`), ok];
      case 'SELECT':
      case 'EXAMINE': {
        const folder = unquoted(/^(?:"[^"]*"|\S+)/u.exec(args)?.[0] ?? '');
        const mails = folders.get(folder);
        if (mails === undefined) return [`${tag} NO [NONEXISTENT] no such folder`];
        this.#selected = folder;
        return [
          '* FLAGS (\\Seen \\Deleted)',
          `* ${String(mails.length)} EXISTS`,
          `* OK [UIDVALIDITY ${String(uidValidity)}] valid`,
          `* OK [UIDNEXT ${String(account.nextUid(folder))}] next`,
          `* OK [PERMANENTFLAGS (${this.#state.options.permanentFlags ?? '\\Seen \\Deleted \\*'})] flags`,
          `${tag} OK [READ-WRITE] selected`,
        ];
      }
      case 'STATUS': {
        const folder = unquoted(/^(?:"[^"]*"|\S+)/u.exec(args)?.[0] ?? '');
        if (!folders.has(folder)) return [`${tag} NO [NONEXISTENT] no such folder`];
        const next = String(account.nextUid(folder));
        return [`* STATUS "${folder}" (UIDNEXT ${next} UIDVALIDITY ${String(uidValidity)})`, ok];
      }
      case 'SEARCH':
        return [`* SEARCH ${this.#search(args).join(' ')}`.trimEnd(), ok];
      case 'FETCH':
        this.#fetch(args);
        return [ok];
      case 'STORE': {
        const flags = /\(([^)]*)\)$/u.exec(args)?.[1]?.split(' ') ?? [];
        this.#update(args, (mail) => ({ ...mail, flags: [...new Set([...(mail.flags ?? []), ...flags])] }));
        return [ok];
      }
      case 'EXPUNGE': {
        const set = args === '' ? undefined : uidsOf(args);
        account.keep(
          this.#selected,
          (m) => m.flags?.includes('\\Deleted') !== true || set?.has(m.uid) === false,
        );
        return [ok];
      }
      case 'MOVE':
      case 'COPY':
        return [this.#copy(tag, name, args)];
      case 'CREATE':
        if (folders.has(unquoted(args))) return [`${tag} NO [ALREADYEXISTS] it is there`];
        folders.set(unquoted(args), []);
        return [ok];
      case 'DELETE':
        folders.delete(unquoted(args));
        return [ok];
      case 'IDLE':
        this.#awaits = { tag, line: 'DONE' };
        this.#state.idlers.add(this.#socket);
        return ['+ idling'];
      case 'LOGOUT':
        setImmediate(() => this.#socket.end());
        return ['* BYE', ok];
      default:
        return [ok];
    }
  }

  #login(tag: string, initial: string, isToken: boolean): string {
    const said = Buffer.from(initial, 'base64').toString();
    if (said.includes('secret')) return `${tag} OK welcome`;
    if (!isToken) return `${tag} NO [AUTHENTICATIONFAILED] wrong`;
    this.#awaits = { tag, line: 'nothing' };
    return `+ ${Buffer.from(this.#state.options.challenge ?? GMAIL_CHALLENGE).toString('base64')}`;
  }

  #refuse(tag: string, line: string): void {
    const answer =
      this.#state.options.refusal?.(tag) ?? `${tag} NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)`;
    if (line !== '') this.#send(`${tag} BAD an empty line was to come`);
    else if (answer === '') this.#socket.resetAndDestroy();
    else this.#send(answer);
  }

  #search(args: string): readonly number[] {
    const uids = /\bUID ([\d,:]+)/u.exec(args)?.[1];
    const set = uids === undefined ? undefined : uidsOf(uids);
    return this.#mails
      .filter((mail) => set?.has(mail.uid) !== false)
      .filter((mail) => !args.includes('UNDELETED') || mail.flags?.includes('\\Deleted') !== true)
      .filter((mail) => !/(?:^| )DELETED/u.test(args) || mail.flags?.includes('\\Deleted') === true)
      .map((mail) => mail.uid);
  }

  #update(args: string, change: (mail: ScriptedMail) => ScriptedMail): void {
    const set = uidsOf(args.split(' ')[0] ?? '');
    this.#state.account.folders.set(
      this.#selected,
      this.#mails.map((mail) => (set.has(mail.uid) ? change(mail) : mail)),
    );
  }

  #copy(tag: string, name: string, args: string): string {
    const [range = '', quoted = ''] = args.split(' ');
    const { account } = this.#state;
    const folder = unquoted(quoted);
    if (!account.folders.has(folder)) return `${tag} NO [TRYCREATE] no such folder`;
    const set = uidsOf(range);
    const moved = this.#mails.filter((mail) => set.has(mail.uid));
    const next = account.nextUid(folder);
    if (name === 'MOVE') account.keep(this.#selected, (mail) => !set.has(mail.uid));
    for (const mail of moved) account.add(folder, { ...namesOf(mail), ...mail });
    if (moved.length === 0 || !this.#state.capabilities.includes('UIDPLUS')) return `${tag} OK done`;
    const from = moved.map((m) => m.uid).join(',');
    const to = moved.map((_, i) => String(next + i)).join(',');
    return `${tag} OK [COPYUID ${String(account.uidValidity)} ${from} ${to}] done`;
  }

  #fetch(args: string): void {
    const [range = ''] = args.split(' ');
    const set = uidsOf(range);
    for (const [i, mail] of this.#mails.entries()) {
      if (!set.has(mail.uid)) continue;
      const items = [`UID ${String(mail.uid)}`];
      const received = mail.received ?? new Date('2026-11-24T08:00:00Z');
      const { source, sections, structure } = contentOf(mail);
      if (args.includes('RFC822.SIZE')) items.push(`RFC822.SIZE ${String(source.length)}`);
      if (args.includes('INTERNALDATE')) items.push(`INTERNALDATE "${internalDate(received)}"`);
      if (args.includes('BODYSTRUCTURE')) items.push(`BODYSTRUCTURE ${mail.bodyStructure ?? structure}`);
      if (args.includes('X-GM-MSGID')) items.push(`X-GM-MSGID ${mail.emailId ?? String(mail.uid)}`);
      if (args.includes('EMAILID')) items.push(`EMAILID (${mail.emailId ?? namesOf(mail).emailId})`);
      for (const [, section = '', start, count] of args.matchAll(
        /BODY\.PEEK\[([^\]]*)\](?:<(\d+)\.(\d+)>)?/gu,
      )) {
        const name = section.startsWith('HEADER') ? 'HEADER' : section;
        const whole = mail.sections?.[name] ?? sections.get(name);
        if (whole === undefined) {
          items.push(`BODY[${section}] NIL`);
          continue;
        }
        const part = start === undefined ? whole : whole.slice(Number(start), Number(start) + Number(count));
        const origin = start === undefined ? '' : `<${start}>`;
        items.push(`BODY[${section}]${origin} {${String(part.length)}}\r\n${part}`);
      }
      this.#send(`* ${String(i + 1)} FETCH (${items.join(' ')})`);
    }
  }
}

/** What a mail is called that does not say it, wherever it is moved. */
function namesOf({ uid }: ScriptedMail) {
  const number = String(uid);
  return { subject: `mail ${number}`, messageId: `<${number}@example.org>`, emailId: `M${number}` };
}

/** A mail as it is stored, and by its sections; one character a byte. */
function contentOf(mail: ScriptedMail) {
  const { subject, messageId, attachments = [] } = { ...namesOf(mail), ...mail };
  const header = [
    'From: marie@example.org',
    `Subject: ${subject}`,
    'Date: Tue, 24 Nov 2026 08:00:00 +0000',
    ...(messageId === '' ? [] : [`Message-ID: ${messageId}`]),
    'Content-Type: multipart/mixed; boundary="b"',
    '',
    '',
  ].join('\r\n');
  const sections = new Map([
    ['HEADER', header],
    ['1', 'Bonjour.'],
  ]);
  const structures = ['("text" "plain" NIL NIL NIL "7bit" 8 1 NIL NIL NIL NIL)'];
  let body = '--b\r\n\r\nBonjour.';
  for (const [i, { name, content }] of attachments.entries()) {
    const encoded = Buffer.from(content)
      .toString('base64')
      .replace(/.{76}(?=.)/gu, '$&\r\n');
    sections.set(String(i + 2), encoded);
    const disposition = `("attachment" ("filename" "${name}"))`;
    structures.push(
      `("application" "pdf" NIL NIL NIL "base64" ${String(encoded.length)} NIL ${disposition} NIL NIL)`,
    );
    body += `\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n${encoded}`;
  }
  const source = `${header}${body}\r\n--b--\r\n`;
  sections.set('', source);
  return { source, sections, structure: `(${structures.join('')} "mixed" ("boundary" "b") NIL NIL NIL)` };
}

function uidsOf(range: string): { has(uid: number): boolean } {
  const ranges = range.split(',').map((each) => each.split(':').map(Number));
  return { has: (uid) => ranges.some(([from = 0, to = from]) => uid >= from && uid <= to) };
}

function unquoted(name: string): string {
  return name.replace(/^"(.*)"$/u, '$1');
}

function internalDate(date: Date): string {
  const [, day = '', month = '', year = '', time = ''] =
    /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/u.exec(date.toUTCString()) ?? [];
  return `${day}-${month}-${year} ${time} +0000`;
}
