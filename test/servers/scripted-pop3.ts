import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { TLSSocket, createSecureContext } from 'node:tls';

export interface ScriptedMail {
  readonly uidl: string;
  /** As it is stored, with CR LF. */
  readonly content: string | Buffer;
  /** What LIST says. Default: the truth. */
  readonly size?: number;
}

/**
 * What the server does instead of what it should: sends this, as it is; says nothing; cuts the connection after sending
 * this; or does what it should (`undefined`).
 */
export type Deviation =
  string | Buffer | { readonly silence: true } | { readonly cutAfter: string | Buffer } | undefined;

export interface ScriptedOptions {
  readonly mails?: readonly ScriptedMail[];
  /** A mailbox that several servers share. Default: one of its own, with `mails`. */
  readonly maildrop?: { mails: ScriptedMail[] };
  readonly user?: string;
  readonly password?: string;
  /** Tokens that XOAUTH2 accepts. */
  readonly tokens?: readonly string[];
  /** Default TOP, UIDL, USER, PIPELINING. `undefined` lets CAPA fail. */
  readonly capabilities?: readonly string[] | undefined;
  readonly greeting?: string;
  /** PEM for STLS, or for TLS from the start with `implicit`. */
  readonly tls?: {
    readonly key: string | Buffer;
    readonly cert: string | Buffer;
    readonly implicit?: boolean;
  };
  /** Answers are written in pieces of this many bytes. Default: whole. */
  readonly pieces?: number;
  /** Around each command, one after the other on each connection: `act` carries it out and answers, unless `say` does. */
  readonly around?: (line: string, act: () => void, say: (answer: string) => void) => Promise<void>;
  /** A connection has ended. */
  readonly onClose?: () => void;
  /** Asked before each command; `connection` counts from 1. */
  readonly instead?: (command: string, connection: number) => Deviation;
}

export interface ScriptedPop3 {
  readonly port: number;
  /** Every line that clients have sent, in its order. */
  readonly commands: string[];
  /** What is in the mailbox; may be changed between sessions. */
  mails: ScriptedMail[];
  readonly connections: number;
  /** Ends all connections. */
  cut(): void;
  stop(): Promise<void>;
}

/** A POP3 server that does what a test tells it to, on a free port of 127.0.0.1. */
export async function startScriptedPop3(options: ScriptedOptions = {}): Promise<ScriptedPop3> {
  const sockets = new Set<Socket>();
  const maildrop = options.maildrop ?? { mails: [...(options.mails ?? [])] };
  const state: ScriptedPop3 & { connections: number } = {
    port: 0,
    commands: [],
    get mails() {
      return maildrop.mails;
    },
    set mails(mails) {
      maildrop.mails = mails;
    },
    connections: 0,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
  const server = createServer((plain) => {
    sockets.add(plain);
    plain
      .on('error', () => undefined)
      .on('close', () => {
        sockets.delete(plain);
        options.onClose?.();
      });
    plain.setNoDelay(true);
    state.connections++;
    const { tls } = options;
    serve(tls?.implicit === true ? secured(plain, tls) : plain, state, options, true);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(state, { port: (server.address() as AddressInfo).port });
}

function secured(plain: Socket, tls: NonNullable<ScriptedOptions['tls']>): TLSSocket {
  const secureContext = createSecureContext({ key: tls.key, cert: tls.cert });
  const secure = new TLSSocket(plain, { isServer: true, secureContext });
  secure.on('error', () => undefined);
  return secure;
}

function serve(
  socket: Socket,
  state: ScriptedPop3 & { connections: number },
  options: ScriptedOptions,
  greets: boolean,
): void {
  const connection = state.connections;
  let mails: readonly ScriptedMail[] = [...state.mails];
  const deleted = new Set<ScriptedMail>();
  let authorized = false;
  let user = '';
  let isToken = false;
  let input = '';
  let writing = Promise.resolve();

  const say = (bytes: string | Buffer): void => {
    const all = Buffer.from(bytes as string, 'latin1');
    const piece = options.pieces ?? all.length;
    for (let at = 0; at < all.length; at += piece) {
      const part = all.subarray(at, at + piece);
      // Each piece in a packet of its own, as far as a socket can promise it.
      writing = writing.then(
        () =>
          new Promise<void>((done) =>
            socket.destroyed ? done() : void socket.write(part, () => setImmediate(done)),
          ),
      );
    }
  };

  const mailAt = (argument: string): ScriptedMail | undefined => {
    const mail = mails[Number(argument) - 1];
    return mail === undefined || deleted.has(mail) ? undefined : mail;
  };

  const multiline = (lines: readonly string[]): string =>
    `+OK\r\n${lines.map((line) => `${line}\r\n`).join('')}.\r\n`;

  const answer = (line: string): string | Buffer => {
    const [word = '', ...args] = line.split(' ');
    if (isToken) {
      isToken = false;
      const token = /auth=Bearer ([^\x01]*)/u.exec(Buffer.from(line, 'base64').toString())?.[1] ?? '';
      authorized = options.tokens?.includes(token) === true;
      return authorized ? '+OK\r\n' : `+ ${Buffer.from('{"status":"400"}').toString('base64')}\r\n`;
    }
    switch (word.toUpperCase()) {
      case 'CAPA':
        return 'capabilities' in options && options.capabilities === undefined
          ? '-ERR unknown command\r\n'
          : multiline(options.capabilities ?? ['TOP', 'UIDL', 'USER', 'PIPELINING']);
      case 'AUTH':
        isToken = true;
        return '+ \r\n';
      case '':
        return '-ERR [AUTH] the token was refused\r\n';
      case 'USER':
        user = args.join(' ');
        return '+OK\r\n';
      case 'PASS':
        authorized = user === (options.user ?? 'jean') && args.join(' ') === (options.password ?? 'secret');
        mails = [...state.mails];
        return authorized ? '+OK\r\n' : '-ERR [AUTH] wrong\r\n';
      case 'QUIT':
        state.mails = state.mails.filter((mail) => !deleted.has(mail));
        return '+OK bye\r\n';
    }
    if (!authorized) return '-ERR not now\r\n';
    const there = mails.map((mail, i) => ({ mail, number: i + 1 })).filter(({ mail }) => !deleted.has(mail));
    const mail = mailAt(args[0] ?? '');
    switch (word.toUpperCase()) {
      case 'STAT':
        return `+OK ${String(there.length)} 0\r\n`;
      case 'UIDL':
        return multiline(there.map((t) => `${String(t.number)} ${t.mail.uidl}`));
      case 'LIST':
        return multiline(
          there.map((t) => `${String(t.number)} ${String(t.mail.size ?? Buffer.byteLength(t.mail.content))}`),
        );
      case 'RSET':
        deleted.clear();
        return '+OK\r\n';
      case 'NOOP':
        return '+OK\r\n';
      case 'DELE':
        if (mail === undefined) return '-ERR no such message\r\n';
        deleted.add(mail);
        return '+OK\r\n';
      case 'TOP':
      case 'RETR':
        if (mail === undefined) return '-ERR no such message\r\n';
        return Buffer.concat([Buffer.from('+OK\r\n'), stuffed(mail.content, word.toUpperCase() === 'TOP')]);
      default:
        return '-ERR unknown command\r\n';
    }
  };

  const take = (line: string): void => {
    state.commands.push(line);
    const deviation = options.instead?.(line, connection);
    if (typeof deviation === 'object' && !Buffer.isBuffer(deviation)) {
      if ('silence' in deviation) return;
      say(deviation.cutAfter);
      void writing.then(() => socket.destroy());
      return;
    }
    if (line === 'STLS' && deviation === undefined && options.tls !== undefined) {
      socket.removeAllListeners('data');
      socket.write('+OK\r\n', () =>
        serve(secured(socket, options.tls ?? { key: '', cert: '' }), state, options, false),
      );
      return;
    }
    carryOut(line, deviation);
  };

  let before = Promise.resolve();
  const carryOut = (line: string, deviation: string | Buffer | undefined): void => {
    // What a session that was cut had still to do is not done.
    const act = (): void => {
      if (socket.destroyed) return;
      say(deviation ?? answer(line));
      if (line === 'QUIT') void writing.then(() => socket.end());
    };
    const { around } = options;
    if (around === undefined) act();
    else before = before.then(() => (socket.destroyed ? undefined : around(line, act, say)));
  };

  socket.on('data', (chunk: Buffer) => {
    input += chunk.toString('latin1');
    for (let end = input.indexOf('\r\n'); end !== -1; end = input.indexOf('\r\n')) {
      const line = input.slice(0, end);
      input = input.slice(end + 2);
      take(line);
    }
  });
  if (greets) say(options.greeting ?? '+OK ready\r\n');
}

/** As RFC 1939 section 3 has it, with its end; only the header for TOP. */
function stuffed(content: string | Buffer, headerOnly = false): Buffer {
  const all = Buffer.from(content as string).toString('latin1');
  const empty = all.indexOf('\r\n\r\n');
  const text = headerOnly && empty !== -1 ? all.slice(0, empty + 4) : all;
  const ended = text === '' || text.endsWith('\r\n') ? text : `${text}\r\n`;
  return Buffer.from(`${ended.replace(/(^|\r\n)\./gu, '$1..')}.\r\n`, 'latin1');
}
