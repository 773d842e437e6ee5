import path, { type PlatformPath } from 'node:path';
import type { UsedFolder } from '../contracts/listener.js';
import { extensionKey } from '../groupers/by-extension.js';
import { overlapsIn } from '../launcher/overlap.js';
import { folded } from '../names.js';
import { nearest } from '../unknown-options.js';
import { rowOrNothing } from './fields/row.js';
import { isLoopback } from './loopback.js';
import { childPath, type Problems } from './problems.js';
import type { FolderFields, MailFields, Row } from './row.js';
import { isObject } from './shape/shape.js';
import { words } from './words.js';

/** What no field shows by itself. Works on what can be read of it, so that all mistakes are told at once. */
export function checkMeaning(value: unknown, problems: Problems): void {
  if (!isObject(value)) return;
  checkTimeZone(value['timeZone'], problems);
  checkLedger(value['ledger'], problems);
  const jobs = isObject(value['jobs']) ? value['jobs'] : {};
  const accounts = isObject(value['ezged']) ? value['ezged'] : {};
  for (const [job, target] of Object.entries(jobs)) {
    if (isObject(target) && typeof target['ezged'] === 'string')
      checkName(target['ezged'], Object.keys(accounts), `${childPath('jobs', job)}.ezged`, {
        list: 'ezged',
        problems,
      });
  }
  for (const [name, account] of Object.entries(accounts))
    checkAccount(account, childPath('ezged', name), problems);

  const launchers: readonly unknown[] = Array.isArray(value['launchers']) ? value['launchers'] : [];
  checkIds(launchers, problems);
  const rows = launchers.map(rowOrNothing).flatMap((row, n): readonly Placed[] => {
    return row === undefined ? [] : [{ row, at: childPath('launchers', n) }];
  });
  for (const { row, at } of rows) {
    checkRowMeaning(row, at, problems);
    if (needsSpool(row) && value['spool'] === undefined) problems.conflict(at, NO_SPOOL);
  }
  for (const [n, launcher] of launchers.entries())
    checkJobs(launcher, childPath('launchers', n), { jobs, problems });
  checkSharing(rows, problems);
  checkFolders(value, rows, { jobs, problems });
}

/** A launcher by itself. */
export function checkRowMeaning(row: Row, at: string, problems: Problems): void {
  const below = (name: string): string => (at === '' ? name : `${at}.${name}`);
  if ('host' in row) checkMailbox(row, below, problems);
  else if (row.unit === 'entry' && row.subfolders === true) problems.conflict(below('subfolders'), ENTRY);
}

interface Placed {
  readonly row: Row;
  readonly at: string;
}

const ENTRY = words(
  'with unit "entry" each sub-folder is taken as one, and none is looked into: leave it out',
  'avec unit "entry" chaque sous-dossier est pris d’un bloc, on ne regarde dans aucun : l’enlever',
);
const NO_SPOOL = words(
  'this launcher unpacks documents: the scenario needs a "spool", a private folder on a local disk',
  'ce lanceur déballe des documents : il faut au scénario un « spool », un dossier privé sur un disque local',
);

function checkTimeZone(timeZone: unknown, problems: Problems): void {
  if (typeof timeZone !== 'string') return;
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    problems.conflict(
      'timeZone',
      words(
        `there is no time zone ${timeZone}: write Europe/Paris or the like`,
        `il n’y a pas de fuseau ${timeZone} : écrire Europe/Paris par exemple`,
      ),
    );
  }
}

function checkLedger(ledger: unknown, problems: Problems): void {
  if (typeof ledger !== 'string' || !/^[\\/]{2}[^\\/]/u.test(ledger)) return;
  problems.conflict(
    'ledger',
    words(
      'the ledger must be on a local disk, not on a share',
      'le registre doit être sur un disque local, pas sur un partage',
    ),
  );
}

function checkName(
  name: string,
  known: readonly string[],
  at: string,
  { list, problems }: { readonly list: string; readonly problems: Problems },
): void {
  if (known.includes(name)) return;
  const near = nearest(name, known);
  const all =
    known.length === 0
      ? words('none is there', 'il n’y en a aucun')
      : words(`there are ${known.join(', ')}`, `il y a ${known.join(', ')}`);
  const hint =
    near === undefined
      ? all
      : words(`did you mean ${near}? ${all.en}`, `vouliez-vous dire ${near} ? ${all.fr}`);
  problems.conflict(
    at,
    words(`${name} is not in "${list}"; ${hint.en}`, `${name} n’est pas dans « ${list} » ; ${hint.fr}`),
  );
}

function checkAccount(account: unknown, at: string, problems: Problems): void {
  if (!isObject(account) || typeof account['url'] !== 'string' || account['allowClearText'] === true) return;
  const url = /^http:\/\/(\[[^\]]*\]|[^:/]*)/u.exec(account['url']);
  if (url === null || isLoopback(url[1] ?? '')) return;
  problems.conflict(
    `${at}.url`,
    words(
      'http: sends password and documents in clear: write https:, or "allowClearText": true beside it',
      'http: envoie mot de passe et documents en clair : écrire https:, ou "allowClearText": true à côté',
    ),
  );
}

function checkIds(launchers: readonly unknown[], problems: Problems): void {
  const first = new Map<string, string>();
  for (const [n, launcher] of launchers.entries()) {
    const id: unknown = isObject(launcher) ? launcher['id'] : undefined;
    if (typeof id !== 'string' && typeof id !== 'number') continue;
    const at = `${childPath('launchers', n)}.id`;
    const before = first.get(String(id));
    if (before === undefined) first.set(String(id), at);
    else
      problems.conflict(
        at,
        words(
          `${String(id)} is the id of another launcher already, in ${before}`,
          `${String(id)} est déjà l’id d’un autre lanceur, dans ${before}`,
        ),
      );
  }
}

function checkJobs(
  launcher: unknown,
  at: string,
  { jobs, problems }: { readonly jobs: Readonly<Record<string, unknown>>; readonly problems: Problems },
): void {
  const affiliated: unknown = isObject(launcher) ? launcher['jobs'] : undefined;
  if (!Array.isArray(affiliated)) return;
  for (const [n, each] of (affiliated as readonly unknown[]).entries()) {
    const job: unknown = isObject(each) ? each['job'] : undefined;
    if (typeof job !== 'string' && typeof job !== 'number') continue;
    checkName(String(job), Object.keys(jobs), `${childPath(`${at}.jobs`, n)}.job`, {
      list: 'jobs',
      problems,
    });
  }
}

function needsSpool(row: Row): boolean {
  return row.protocol === 'pop' || row.protocol === 'adullact';
}

// ── mailboxes ───────────────────────────────────────────────────────────────────────────────────────────

const CLEAR_PORTS: readonly (number | undefined)[] = [110, 143];
const TLS_PORTS: readonly (number | undefined)[] = [993, 995];

function checkMailbox(row: MailFields, below: (name: string) => string, problems: Problems): void {
  const { tls = 'implicit', port } = row;
  if ((row.password === undefined) === (row.oauth === undefined)) {
    problems.conflict(
      below('password'),
      words(
        'a mailbox needs "password" or "oauth", and not both',
        'une boîte a besoin de « password » ou de « oauth », pas des deux',
      ),
    );
  }
  if (
    row.oauth !== undefined &&
    row.oauth.refreshToken === undefined &&
    row.oauth.clientSecret === undefined
  ) {
    problems.conflict(
      below('oauth'),
      words('needs a refreshToken, or a clientSecret', 'il y faut un refreshToken, ou un clientSecret'),
    );
  }
  if (tls === 'none' && row.allowClearText !== true && !isLoopback(row.host)) {
    problems.conflict(
      below('tls'),
      words(
        'the password would travel in clear: write "implicit" or "starttls", or "allowClearText": true beside it',
        'le mot de passe circulerait en clair : écrire "implicit" ou "starttls", ou "allowClearText": true à côté',
      ),
    );
  }
  if (tls === 'implicit' && CLEAR_PORTS.includes(port)) {
    problems.conflict(
      below('port'),
      words(
        `${String(port)} is the port without TLS: write "tls": "none" for a local stunnel, "tls": "starttls", or port 0`,
        `${String(port)} est le port sans TLS : écrire "tls": "none" pour un stunnel local, "tls": "starttls", ou le port 0`,
      ),
    );
  }
  if (tls !== 'implicit' && TLS_PORTS.includes(port)) {
    problems.conflict(
      below('port'),
      words(
        `${String(port)} is the port with TLS: leave out "tls"`,
        `${String(port)} est le port avec TLS : enlever « tls »`,
      ),
    );
  }
  if (row.since !== undefined && row.since !== 'now' && !isDay(row.since)) {
    problems.conflict(
      below('since'),
      words(`there is no day ${row.since}`, `il n’y a pas de jour ${row.since}`),
    );
  }
}

function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

// ── launchers and folders that get into each other's way ────────────────────────────────────────────────

/** Two launchers on one source share its items: what both of them want would go to whoever comes first. */
function checkSharing(rows: readonly Placed[], problems: Problems): void {
  for (const [n, later] of rows.entries()) {
    for (const earlier of rows.slice(0, n)) {
      if (sourceKey(later.row) !== sourceKey(earlier.row) || !mayWantTheSame(later.row, earlier.row))
        continue;
      problems.conflict(
        later.at,
        words(
          `it watches what ${earlier.at} watches, and both want the same documents: make one launcher of them, or give them other extensions or filters`,
          `il surveille ce que surveille ${earlier.at}, et tous deux veulent les mêmes documents : n’en faire qu’un lanceur, ou leur donner d’autres extensions ou filtres`,
        ),
      );
    }
  }
}

function sourceKey(row: Row): string {
  if (!('host' in row)) return `folder ${pathsOf(row.origin).resolve(folded(row.origin))}`;
  const kind = 'via' in row ? row.via : row.protocol;
  const folder = kind === 'imap' ? (row.origin ?? 'INBOX') : '';
  return JSON.stringify([kind, row.host.toLowerCase(), row.user, folder.toLowerCase()]);
}

/** By what can be told: other filters may or may not accept the same names, and are the administrator's word. */
function mayWantTheSame(one: Row, other: Row): boolean {
  const filters = [one, other].map(({ filter = '*.*' }) =>
    JSON.stringify(typeof filter === 'string' ? [filter] : filter),
  );
  const everything = ['["*.*"]', '["*"]'];
  if (filters[0] !== filters[1] && !filters.some((filter) => everything.includes(filter))) return false;
  const [mine = [], theirs = []] = [one, other].map(({ jobs }) =>
    jobs.map(({ extension }) => extensionKey(extension)),
  );
  return mine.some((extension) => extension === '*' || theirs.includes(extension)) || theirs.includes('*');
}

interface NamedFolder extends UsedFolder {
  /** The field in which it stands. */
  readonly at: string;
}

function checkFolders(
  value: Readonly<Record<string, unknown>>,
  rows: readonly Placed[],
  { jobs, problems }: { readonly jobs: Readonly<Record<string, unknown>>; readonly problems: Problems },
): void {
  const folders: readonly NamedFolder[] = [
    ...folderAt(value['ledger'], 'ledger', 'ledger').map((f) => ({
      ...f,
      path: pathsOf(f.path).dirname(f.path),
    })),
    ...folderAt(value['spool'], 'spool', 'spool'),
    ...Object.entries(jobs).flatMap(([job, target]) =>
      isObject(target) && target['ezged'] === undefined
        ? folderAt(
            target['waitingDirectory'],
            `${childPath('jobs', job)}.waitingDirectory`,
            `target of job ${job}`,
            { fed: true },
          )
        : [],
    ),
    ...rows.flatMap(({ row, at }) => ('host' in row ? [] : foldersOf(row, row.protocol === 'adullact', at))),
  ];
  const windows = folders.filter(({ path: folder }) => pathsOf(folder) === path.win32);
  for (const group of [windows, folders.filter((folder) => !windows.includes(folder))]) {
    for (const [one, other] of overlapsIn(group, group === windows ? path.win32 : path.posix)) {
      if (isSharedSource(one, other, group === windows ? path.win32 : path.posix)) continue;
      problems.conflict(
        one.at,
        words(
          `${one.path} and ${other.path} (${other.at}) lie inside one another: documents would be taken twice, or by the wrong one`,
          `${one.path} et ${other.path} (${other.at}) sont l’un dans l’autre : des documents seraient pris deux fois, ou par le mauvais lanceur`,
        ),
      );
    }
  }
}

/** Launchers may share a folder; what they want of it is checked elsewhere. */
function isSharedSource(one: UsedFolder, other: UsedFolder, paths: PlatformPath): boolean {
  return (
    one.watched === true &&
    other.watched === true &&
    paths.relative(folded(one.path), folded(other.path)) === ''
  );
}

function folderAt(
  folder: unknown,
  at: string,
  role: string,
  more: Partial<UsedFolder> = {},
): readonly NamedFolder[] {
  return typeof folder === 'string' && ABSOLUTE.test(folder) ? [{ role, path: folder, at, ...more }] : [];
}

const ABSOLUTE = /^(?:[A-Za-z]:[\\/]|[\\/]{2}[^\\/]|\/)/u;

function foldersOf(row: FolderFields, isAdullact: boolean, at: string): readonly NamedFolder[] {
  const { origin, unit = isAdullact ? 'entry' : 'file', subfolders = false, after, quarantine } = row;
  const own = [quarantine, typeof after === 'object' ? after.moveTo : undefined].filter(
    (folder) => folder !== undefined,
  );
  return folderAt(origin, `${at}.origin`, 'source', {
    watched: true,
    recursive: unit === 'entry' || subfolders,
    except: own,
  });
}

function pathsOf(folder: string): PlatformPath {
  return /^(?:[A-Za-z]:|[\\/]{2}[^\\/])/u.test(folder) ? path.win32 : path.posix;
}
