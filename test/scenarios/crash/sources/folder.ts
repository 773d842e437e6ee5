import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import type { RejectionNote } from '@lanceur/protocols/directory';
import { documentBytes, idOf } from '../documents.mjs';
import { filesIn } from '../files.js';
import type { SetUp } from '../set-ups.js';
import type { Places, Put, Source } from './source.js';

/** One that is put into the folder. */
interface PutFile extends Put {
  /** Relative to the folder, with `/`. */
  readonly path: string;
}

const NOTE = '.reason.json';

/** A folder, with what lies in its `.lanceur`, and the one that accepted documents are moved to. */
export async function folderSource(base: string, setUp: SetUp): Promise<Source> {
  const depots = join(base, 'depots');
  const incoming = join(base, 'incoming');
  const work = join(depots, '.lanceur');
  mkdirSync(depots);
  mkdirSync(incoming);
  return {
    async put(round, names) {
      const all = documentsOf(setUp, String(round), names === 'own' ? `-${String(round)}` : '');
      for (const { id, path, size } of all) {
        mkdirSync(dirname(join(incoming, path)), { recursive: true });
        writeFileSync(join(incoming, path), documentBytes(id, size));
      }
      for (const name of readdirSync(incoming)) renameSync(join(incoming, name), join(depots, name));
      return all;
    },
    async look() {
      const places = {
        listed: look(filesIn(depots).filter((path) => !path.startsWith(work + sep))),
        between: look(filesIn(join(work, 'taken'))),
        rejected: look(filesIn(join(work, 'rejected'))),
        aside: look(filesIn(join(work, 'aside'))),
        treated: look(filesIn(join(base, 'traites'))),
      };
      return {
        listed: places.listed.ids,
        between: places.between.ids,
        rejected: places.rejected.ids,
        aside: places.aside.ids,
        treated: places.treated.ids,
        broken: Object.values(places).flatMap(({ broken }) => broken),
        unfinished: Object.values(places).flatMap(({ unfinished }) => unfinished),
      };
    },
    async close() {},
  };
}

/** What files are found to be. */
function look(
  paths: readonly string[],
): Pick<Places, 'broken' | 'unfinished'> & { readonly ids: readonly string[] } {
  const ids: string[] = [];
  const broken: string[] = [];
  const unfinished: string[] = [];
  for (const path of paths) {
    const kind = kindOf(path);
    const id = kind === 'document' ? idOf(readFileSync(path)) : undefined;
    if (id !== undefined) ids.push(id);
    else if (kind === 'document') broken.push(path);
    else if (kind === 'part' || (kind === 'note' && !isWholeNote(path))) unfinished.push(path);
  }
  return { ids, broken, unfinished };
}

function kindOf(path: string): 'document' | 'note' | 'part' | 'mark' {
  if (path.split(sep).some((part) => /^\.lanceur.*\.part$/u.test(part))) return 'part';
  // What says of several files that they are one item, or that they may leave.
  if (/^\.lanceur(?:\.json|-leaving.*)$/u.test(basename(path))) return 'mark';
  return path.endsWith(NOTE) ? 'note' : 'document';
}

/** Whether it says why an item lies beside it. */
function isWholeNote(path: string): boolean {
  try {
    const note = JSON.parse(readFileSync(path, 'utf8')) as RejectionNote;
    return note.message.fr !== '' && existsSync(path.slice(0, -NOTE.length));
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function documentsOf(setUp: SetUp, round: string, own: string): readonly PutFile[] {
  const { unit, grouper, documentBytes: most } = setUp;
  const isAside = unit === 'stem' && typeof grouper !== 'string';
  const put = (name: string, size: number, end: Put['end'], sent = end === 'accept' ? 1 : 0): PutFile => {
    const path = name.replace(/^[a-z]+/u, (top) => top + own);
    return { id: `${round}/${name}`, path, size, end, sent };
  };
  switch (unit) {
    case 'file':
      return [
        put('scan.pdf', 100, 'accept'),
        put('plan.pdf', 200_000, 'accept'),
        put('gros.pdf', most, 'reject'),
      ];
    case 'stem':
      return [
        put('document.pdf', 100, isAside ? 'aside' : 'accept', 1),
        put('document.xml', 50, isAside ? 'aside' : 'accept', isAside ? 0 : 1),
        put('gros.pdf', most, 'reject'),
        put('gros.xml', 50, 'reject'),
      ];
    case 'entry':
      return [
        put('scan.pdf', 100, 'accept'),
        put('dossier/acte.pdf', 200_000, 'accept'),
        put('dossier/annexes/acte.pdf', 80, 'accept'),
        put('dossier/acte.xml', 60, 'accept'),
        put('gros/gros.pdf', most, 'reject'),
        put('gros/gros.xml', 40, 'reject'),
      ];
  }
}
