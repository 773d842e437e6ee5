import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join, resolve } from 'node:path';
import type { Fault } from './ezged/faults.js';
import { MultipartReader, type Ended } from './ezged/multipart.js';
import { Sessions, type Session } from './ezged/sessions.js';
import { IncomingFile, type SameName } from './ezged/waiting.js';

export type { Fault } from './ezged/faults.js';

export interface EzgedAccount {
  readonly user: string;
  readonly password: string;
  /** Of a directory (LDAP, Active Directory): then the password comes in clear, else as md5. */
  readonly domain?: string;
}

/** One call of a client, as the double understood it. */
export interface EzgedCall {
  /** Counted from 1. */
  readonly n: number;
  readonly method: string;
  /** `service.php`, `pupload.php` or `showdocs.php`. */
  readonly page: string;
  /** Of `service.php`: `sec/authenticate`. Of the others, their page without `.php`. */
  readonly service: string;
  /** Of the query, and of a form. */
  readonly params: Readonly<Record<string, string>>;
  readonly cookies: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface EzgedOptions {
  /** Stands for `…\var\spool\ezged`: each instance has a folder in it, with `ocr/wait` below. */
  readonly dir: string;
  readonly accounts: readonly EzgedAccount[];
  /** The setting `upload_token`. */
  readonly token: string;
  /** Waiting directories to make in every instance. What is not there is not made by an upload. */
  readonly waitDirs?: readonly string[];
  /** The first is what a client gets that names none. Default `instance`. */
  readonly instances?: readonly string[];
  /** Sessions at once. Default 3. */
  readonly licences?: number;
  /** How long a session lives without a call, in milliseconds. Default 60,000. */
  readonly sessionMs?: number;
  readonly sameName?: SameName;
  /** `errorcode` and the numbers in `rows` are written as strings. */
  readonly numbersAsText?: boolean;
  /** Uploaded bytes are counted and dropped. */
  readonly discard?: boolean;
  /** Default: a free one. */
  readonly port?: number;
  /** PEM, for HTTPS. */
  readonly tls?: { readonly key: string | Buffer; readonly cert: string | Buffer };
  readonly clock?: { now(): number; sleep(ms: number): Promise<void> };
  /** Asked before each call. */
  readonly fault?: (call: EzgedCall) => Fault | undefined;
}

export interface EzgedUpload {
  readonly instance: string;
  readonly waitDir: string;
  /** As it was placed. */
  readonly name: string;
  /** As it was asked for. */
  readonly asked: string;
  readonly size: number;
  readonly contentLength: boolean;
}

export interface EzgedDouble {
  readonly url: string;
  readonly port: number;
  readonly calls: readonly EzgedCall[];
  /** Those that were carried out, whatever the client has heard of it. */
  readonly uploads: readonly EzgedUpload[];
  /** Sessions that are alive now, and the most that were at once. */
  readonly sessions: { readonly alive: number; readonly most: number };
  /** Resolves once a service has been called so often in all, and the exchange is over or has gone silent. */
  called(service: string, times: number): Promise<void>;
  /** Closes all connections, as a server does with those that are kept for too long. */
  dropConnections(): Promise<void>;
  /** May be changed at any time. */
  fault: ((call: EzgedCall) => Fault | undefined) | undefined;
  /** Where an instance's COLD looks. */
  waiting(waitDir: string, instance?: string): string;
  /** A job whose status changes over time: `[after so many ms, JOBQUEUE_STATUS]`; `undefined`: it is purged. */
  addJob(id: number, statuses: readonly (readonly [number, number | undefined])[]): void;
  /** A stored file, for `showdocs.php`. */
  store(name: string, content: Buffer): { readonly fsfileid: string; readonly fsfileripe: string };
  stop(): Promise<void>;
}

const COOKIE = 'PHPSESSID';
const NO_SESSION = 401;
const TOO_MANY = -18;
// The documentation gives no numbers for these.
const OTHER = -1;

type Answer = Readonly<Record<string, unknown>>;

/** A double of EzGED's web services, from their documentation alone: `ezged.md` says which line rests on what. */
export async function startEzged(options: EzgedOptions): Promise<EzgedDouble> {
  const double = new Double(options);
  await double.start();
  return double;
}

class Double implements EzgedDouble {
  readonly calls: EzgedCall[] = [];
  readonly uploads: EzgedUpload[] = [];
  readonly #options: EzgedOptions;
  readonly #instances: readonly string[];
  readonly #clock: NonNullable<EzgedOptions['clock']>;
  readonly #sessions: Sessions;
  readonly #server;
  readonly #sockets = new Set<Socket>();
  readonly #jobs = new Map<number, { readonly since: number; readonly statuses: Statuses }>();
  readonly #over = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
  readonly #files: { readonly name: string; readonly ripe: string; readonly content: Buffer }[] = [];
  fault: EzgedDouble['fault'];

  constructor(options: EzgedOptions) {
    this.#options = options;
    this.fault = options.fault;
    this.#clock = options.clock ?? {
      now: () => Date.now(),
      sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
    };
    this.#instances = options.instances ?? ['instance'];
    this.#sessions = new Sessions(
      () => this.#clock.now(),
      options.sessionMs ?? 60_000,
      options.licences ?? 3,
    );
    for (const instance of this.#instances) {
      mkdirSync(this.#waitRoot(instance), { recursive: true });
      for (const waitDir of options.waitDirs ?? [])
        mkdirSync(this.waiting(waitDir, instance), { recursive: true });
    }
    const answer = (request: IncomingMessage, response: ServerResponse): void => {
      this.#answer(request, response).catch((error: unknown) => {
        if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/html' });
        response.end(`<b>Fatal error</b>: ${String(error)}`);
      });
    };
    this.#server =
      options.tls === undefined ? createServer(answer) : createTlsServer({ ...options.tls }, answer);
    this.#server.requestTimeout = 0;
    this.#server.on(options.tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined);
    });
  }

  async start(): Promise<void> {
    this.#server.listen(this.#options.port ?? 0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.#options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${String(this.port)}/ezged`;
  }

  get sessions(): { readonly alive: number; readonly most: number } {
    return { alive: this.#sessions.alive, most: this.#sessions.most };
  }

  waiting(waitDir: string, instance = this.#instances[0] ?? ''): string {
    return join(this.#waitRoot(instance), waitDir);
  }

  addJob(id: number, statuses: Statuses): void {
    this.#jobs.set(id, { since: this.#clock.now(), statuses });
  }

  store(name: string, content: Buffer): { readonly fsfileid: string; readonly fsfileripe: string } {
    const ripe = createHash('ripemd160').update(content).digest('hex');
    this.#files.push({ name, ripe, content });
    return { fsfileid: String(this.#files.length), fsfileripe: ripe };
  }

  async called(service: string, times: number): Promise<void> {
    while ((this.#over.get(service) ?? 0) < times) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #tell(service: string): void {
    this.#over.set(service, (this.#over.get(service) ?? 0) + 1);
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  async dropConnections(): Promise<void> {
    await Promise.all([...this.#sockets].map((socket) => once(socket.destroy(), 'close')));
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await once(this.#server.close(), 'close');
  }

  // ── a call ────────────────────────────────────────────────────────────────────────────────────────────

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://ezged');
    const page = /\/data\/(?<page>service|pupload|showdocs)\.php$/u.exec(url.pathname)?.groups?.['page'];
    if (page === undefined) {
      request.resume();
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not Found</h1>');
      return;
    }
    const isUpload = page === 'pupload';
    const form = isUpload ? '' : await textOf(request);
    const params = Object.fromEntries([...url.searchParams, ...new URLSearchParams(form)]);
    const call: EzgedCall = {
      n: this.calls.length + 1,
      method: request.method ?? '',
      page: `${page}.php`,
      service: page === 'service' ? (params['service'] ?? '') : page,
      params,
      cookies: cookiesOf(request.headers.cookie ?? ''),
      headers: request.headers,
    };
    this.calls.push(call);
    const fault = this.fault?.(call);
    let isTold = false;
    const tell = (): void => {
      if (!isTold) this.#tell(call.service);
      isTold = true;
    };
    response.once('close', tell);
    if (fault?.is === 'cut' && fault.when === 'before') {
      cut(request);
      return;
    }
    if (fault?.is === 'answer' && fault.early === true) {
      sendFault(response, fault);
      response.once('finish', () => request.socket.end());
      return;
    }

    const upload = isUpload ? await this.#received(request, call, fault, tell) : undefined;
    if (isUpload && upload === undefined) return;
    try {
      await this.#carryOut(request, response, call, fault, upload);
      if (fault?.is === 'stall') tell();
    } finally {
      upload?.file?.drop();
    }
  }

  async #carryOut(
    request: IncomingMessage,
    response: ServerResponse,
    call: EzgedCall,
    fault: Fault | undefined,
    upload: Upload | undefined,
  ): Promise<void> {
    if (fault?.is === 'slow') await this.#clock.sleep(fault.ms);
    if (fault?.is === 'stall' && fault.done !== true) return;
    if (fault?.is === 'answer') {
      sendFault(response, fault);
      return;
    }
    if (fault?.is === 'cut' && fault.when === 'after') {
      cut(request);
      return;
    }
    if (call.page === 'showdocs.php') {
      this.#show(response, call);
      return;
    }

    const answer =
      fault?.is === 'refuse'
        ? { ...failure(fault.errorcode, fault.errormsg), ...(upload && { success: false }) }
        : upload === undefined
          ? this.#serve(call, response, fault)
          : this.#upload(call, upload, fault);
    if (fault?.is === 'cut') {
      if (fault.when === 'answering') {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1_000 });
        response.write(JSON.stringify(answer).slice(0, 12), () => cut(request));
        return;
      }
      cut(request);
      return;
    }
    if (fault?.is === 'stall') return;
    const without = fault?.is === 'without' ? fault.fields : [];
    const left = Object.fromEntries(Object.entries(answer).filter(([field]) => !without.includes(field)));
    const json = JSON.stringify(this.#options.numbersAsText === true ? numbersAsText(left) : left);
    const body =
      fault?.is === 'warning' ? `<br />\n<b>Warning</b>: mkdir(): File exists<br />\n${json}` : json;
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
    if (fault?.is === 'twice') {
      request.socket.write(
        `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`,
      );
    }
  }

  // ── the services ──────────────────────────────────────────────────────────────────────────────────────

  #serve(call: EzgedCall, response: ServerResponse, fault: Fault | undefined): Answer {
    const { service, params } = call;
    switch (service) {
      case 'sec/authenticate':
        return this.#authenticate(call, response);
      case 'secses/delete': {
        const { secsesid = '', sessionid = '' } = params;
        this.#sessions.close(secsesid === '' ? sessionid : secsesid);
        return success(service, []);
      }
      case 'secses/keepalive':
        return this.#session(call, fault) === undefined ? noSession() : success(service, []);
      case 'jobqueue/load':
        return this.#session(call, fault) === undefined
          ? noSession()
          : success(service, this.#job(Number(params['jobqueueid'])));
      default:
        return failure(OTHER, `Service inconnu : ${service}`);
    }
  }

  #authenticate(call: EzgedCall, response: ServerResponse): Answer {
    const { login = '', pwd = '', domain = '' } = call.params;
    const account = this.#options.accounts.find((one) => one.user === login && (one.domain ?? '') === domain);
    const expected = account === undefined ? '' : domain === '' ? md5(account.password) : account.password;
    if (account === undefined || !isSame(expected, pwd)) {
      return failure(OTHER, 'Identifiant ou mot de passe incorrect');
    }
    const instance = this.#instanceOf(call);
    if (instance === undefined) return failure(OTHER, 'Instance inconnue');
    const session = this.#sessions.open(instance, login);
    if (session === undefined) return failure(TOO_MANY, 'Nombre maximum de sessions atteint');
    response.setHeader('set-cookie', [`${COOKIE}=${session.cookie}; path=/; HttpOnly`, 'lang=fr; path=/']);
    return { ...success('sec/authenticate', []), count: 1, rows: { sessionid: session.id, login } };
  }

  #job(id: number): readonly Answer[] {
    const job = this.#jobs.get(id);
    const age = this.#clock.now() - (job?.since ?? 0);
    const status = job?.statuses.filter(([from]) => from <= age).at(-1)?.[1];
    return status === undefined
      ? []
      : [{ type: 'generic', JOBQUEUE_ID: id, JOBQUEUE_STATUS: status, JOBQUEUE_ACTIVE: 1, JOBQUEUE_STEP: 1 }];
  }

  #show(response: ServerResponse, { params }: EzgedCall): void {
    const file = this.#files[Number(params['fsfileid']) - 1];
    if (file === undefined || file.ripe !== params['fsfileripe']) {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Fichier introuvable</p>');
      return;
    }
    response
      .writeHead(200, {
        'content-type': 'application/force-download',
        'content-disposition': `attachment; filename="${encodeURIComponent(file.name)}"`,
        'content-length': file.content.length,
      })
      .end(file.content);
  }

  // ── uploads ───────────────────────────────────────────────────────────────────────────────────────────

  /** The body, read to its end before anything is looked at, as PHP does; `undefined` if it never came to its end. */
  async #received(
    request: IncomingMessage,
    { params }: EzgedCall,
    fault: Fault | undefined,
    silent: () => void,
  ): Promise<Upload | undefined> {
    const stopAt =
      fault?.is === 'stall' || (fault?.is === 'cut' && fault.when === 'while')
        ? (fault.afterBytes ?? (fault.is === 'stall' ? Infinity : 0))
        : Infinity;
    let file: IncomingFile | undefined;
    let filename: string | undefined;
    const boundary = /boundary="?(?<boundary>[^";]+)/u.exec(request.headers['content-type'] ?? '');
    const reader = new MultipartReader(boundary?.groups?.['boundary'] ?? '\n', {
      begin: (name) => {
        filename = name;
        file = new IncomingFile(join(this.#options.dir, 'tmp'), this.#options.discard === true);
      },
      write: (bytes) => file?.write(bytes),
    });
    let seen = 0;
    const whole = await new Promise<boolean>((done) => {
      request.on('data', (chunk: Buffer) => {
        seen += chunk.length;
        reader.write(chunk);
        if (seen < stopAt) return;
        if (fault?.is === 'cut') cut(request);
        else {
          request.pause();
          silent();
        }
      });
      request.on('end', () => done(true));
      request.on('close', () => done(request.complete));
      request.on('error', () => done(false));
    });
    const ended = reader.end();
    if (!whole) {
      file?.drop();
      return undefined;
    }
    return {
      file,
      ended,
      name: params['name'] ?? filename ?? '',
      contentLength: request.headers['content-length'] !== undefined,
    };
  }

  #upload(call: EzgedCall, upload: Upload, fault: Fault | undefined): Answer {
    const { params } = call;
    const session = this.#session(call, fault);
    if (session === undefined) return { success: false, ...noSession() };
    if (!isSame(this.#options.token, params['token'] ?? '')) {
      return { success: false, ...failure(OTHER, 'Jeton de dépôt invalide') };
    }
    const { file, ended } = upload;
    if (file === undefined || ended !== 'whole') {
      return { success: false, ...failure(OTHER, 'Le fichier n’a été que partiellement téléchargé') };
    }
    const name = baseName(upload.name);
    if (name === '') return { success: false, ...failure(OTHER, 'Nom de fichier manquant') };
    const { waitdir = '', mode = 'file' } = params;
    const folder =
      mode === 'cold'
        ? this.#waitDir(session.instance, waitdir)
        : this.#instanceFolder(session.instance, 'upload');
    if (folder === undefined) {
      return { success: false, ...failure(OTHER, `Répertoire d’attente inconnu : ${waitdir}`) };
    }
    const path = file.placed(folder, name, this.#options.sameName ?? 'number');
    if (path === undefined) return { success: false, ...failure(OTHER, `${name} existe déjà`) };
    this.uploads.push({
      instance: session.instance,
      waitDir: waitdir,
      name: path.slice(folder.length + 1),
      asked: upload.name,
      size: file.size,
      contentLength: upload.contentLength,
    });
    return { success: true, filePath: path, errorcode: 0, errormsg: '' };
  }

  #waitDir(instance: string, name: string): string | undefined {
    if (name === '' || name !== baseName(name)) return undefined;
    // Looked up rather than asked for, so that letter case counts on every disk.
    return readdirSync(this.#waitRoot(instance)).includes(name) ? this.waiting(name, instance) : undefined;
  }

  #instanceFolder(instance: string, name: string): string {
    const folder = join(this.#options.dir, instance, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  // ── who calls ─────────────────────────────────────────────────────────────────────────────────────────

  #session({ params, cookies }: EzgedCall, fault: Fault | undefined): Session | undefined {
    const id = params['sessionid'] ?? '';
    if (fault?.is === 'expired') this.#sessions.close(id);
    return this.#sessions.call(id, cookies[COOKIE]);
  }

  #instanceOf({ cookies }: EzgedCall): string | undefined {
    const named = cookies['instance'];
    if (named === undefined || named === '') return this.#instances[0];
    return this.#instances.find((instance) => instance === named);
  }

  #waitRoot(instance: string): string {
    return join(this.#options.dir, instance, 'ocr', 'wait');
  }
}

type Statuses = readonly (readonly [number, number | undefined])[];

interface Upload {
  readonly file: IncomingFile | undefined;
  readonly ended: Ended;
  readonly name: string;
  readonly contentLength: boolean;
}

function success(service: string, rows: readonly Answer[]): Answer {
  return { errorcode: 0, errormsg: '', service, count: rows.length, rows };
}

function failure(errorcode: number | string, errormsg: string): Answer {
  return { errorcode, errormsg, rows: [], count: 0 };
}

function noSession(): Answer {
  return failure(NO_SESSION, 'Pas de session valide');
}

function numbersAsText(value: unknown): unknown {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map(numbersAsText);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, numbersAsText(one)]));
}

function md5(text: string): string {
  return createHash('md5').update(text, 'utf8').digest('hex');
}

function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** As Windows and POSIX both read it, without what neither takes. */
function baseName(name: string): string {
  const last = name.split(/[\\/]/u).at(-1) ?? '';
  return last === '.' || last === '..' ? '' : last.replace(/[\u0000-\u001f]/gu, '');
}

/**
 * A client in PHP sends whole `Set-Cookie` lines back, attributes included, joined by commas: what stands between
 * either is looked through for `name=value`.
 */
function cookiesOf(header: string): Readonly<Record<string, string>> {
  const pairs = header.split(/[;,]/u).map((pair) => pair.trim());
  return Object.fromEntries(
    pairs.flatMap((pair) => {
      const at = pair.indexOf('=');
      return at <= 0 ? [] : [[pair.slice(0, at), decoded(pair.slice(at + 1))] as const];
    }),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function cut({ socket }: IncomingMessage): void {
  socket.resetAndDestroy();
}

function sendFault(response: ServerResponse, fault: Extract<Fault, { is: 'answer' }>): void {
  response.writeHead(fault.status ?? 200, {
    'content-type': fault.type ?? 'application/json',
    ...(fault.location !== undefined && { location: fault.location }),
    ...(fault.early === true && { connection: 'close' }),
  });
  response.end(fault.body ?? '');
}

/** All files of a waiting directory, as its COLD would find them. */
export function documentsIn(folder: string): readonly { readonly name: string; readonly bytes: Buffer }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => ({ name, bytes: readFileSync(resolve(folder, name)) }));
}
