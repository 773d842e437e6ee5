import { dirname, basename } from 'node:path/posix';

/** A file or folder in memory. A file lives on while it has a name. */
export interface Node {
  readonly kind: 'file' | 'folder';
  readonly ino: number;
  readonly dev: number;
  bytes: Buffer;
  readonly children: Map<string, Node>;
  links: number;
  mtimeNs: bigint;
  ctimeNs: bigint;
}

export interface DiskOptions {
  /** Milliseconds since 1970, by the clock of the disk. */
  readonly now: () => number;
  /** The step in which it stamps files, in milliseconds; 0: every stamp differs from the one before. */
  readonly tickMs: number;
  /** Whether the top-level folders lie on one volume. Default: each is a volume of its own. */
  readonly oneVolume?: boolean;
  /** Told of every name that a file gets, and of every write to a file that has one. */
  readonly onName?: (path: string, node: Node) => void;
  readonly onWrite?: (node: Node) => void;
}

/** What POSIX says of names, links and times, in memory and at once. */
export class Disk {
  readonly #options: DiskOptions;
  readonly #volumes = new Map<string, Node>();
  #stamps = 0n;
  #last = 0;
  /** Moves on with every change. */
  generation = 0;

  constructor(options: DiskOptions) {
    this.#options = options;
  }

  find(path: string): Node | undefined {
    const [volume = '', ...names] = segments(path);
    let at = this.#volumes.get(volume);
    for (const name of names) at = at?.children.get(name);
    return at;
  }

  at(path: string): Node {
    const node = this.find(path);
    if (node !== undefined) return node;
    const parent = segments(path).length > 1 ? this.find(dirname(clean(path))) : undefined;
    throw failure(parent?.kind === 'file' ? 'ENOTDIR' : 'ENOENT', path);
  }

  create(path: string, bytes: Buffer = Buffer.alloc(0)): Node {
    const node = this.#made(path, 'file');
    node.bytes = bytes;
    return node;
  }

  makeFolder(path: string): void {
    this.#made(path, 'folder');
  }

  write(node: Node, bytes: Buffer): void {
    node.bytes = bytes;
    node.mtimeNs = node.ctimeNs = this.#stamp();
    this.#options.onWrite?.(node);
    this.generation++;
  }

  stamp(node: Node, mtimeNs: bigint): void {
    node.mtimeNs = mtimeNs;
    node.ctimeNs = this.#stamp();
  }

  link(from: string, to: string): void {
    const node = this.at(from);
    if (node.kind !== 'file') throw failure('EPERM', from);
    if (this.find(to) !== undefined) throw failure('EEXIST', to);
    const folder = this.#folder(to);
    if (folder.dev !== node.dev) throw failure('EXDEV', to);
    node.links++;
    node.ctimeNs = this.#stamp();
    this.#name(to, folder, node);
  }

  /** Replaces a file, and an empty folder by a folder. */
  rename(from: string, to: string): void {
    const node = this.at(from);
    const folder = this.#folder(to);
    if (folder.dev !== node.dev) throw failure('EXDEV', to);
    const before = this.find(to);
    if (before === node) return;
    if (before !== undefined) {
      if (before.kind !== node.kind) throw failure(before.kind === 'folder' ? 'EISDIR' : 'ENOTDIR', to);
      if (before.children.size > 0) throw failure('ENOTEMPTY', to);
      before.links--;
    }
    this.#folder(from).children.delete(basename(clean(from)));
    this.#touch(this.#folder(from));
    node.ctimeNs = this.#stamp();
    this.#name(to, folder, node);
  }

  unlink(path: string): void {
    const node = this.at(path);
    if (node.kind !== 'file') throw failure('EISDIR', path);
    node.links--;
    node.ctimeNs = this.#stamp();
    this.#forget(path);
  }

  removeFolder(path: string): void {
    const node = this.at(path);
    if (node.kind !== 'folder') throw failure('ENOTDIR', path);
    if (node.children.size > 0) throw failure('ENOTEMPTY', path);
    this.#forget(path);
  }

  /** Of a folder, in the order in which they came. */
  names(path: string): readonly string[] {
    const node = this.at(path);
    if (node.kind !== 'folder') throw failure('ENOTDIR', path);
    return [...node.children.keys()];
  }

  /** All files below a folder, with their paths. */
  *files(path: string): Generator<readonly [path: string, node: Node]> {
    for (const [name, node] of this.find(path)?.children ?? []) {
      if (node.kind === 'file') yield [`${path}/${name}`, node];
      else yield* this.files(`${path}/${name}`);
    }
  }

  #made(path: string, kind: Node['kind']): Node {
    const [volume = '', ...names] = segments(path);
    if (this.find(path) !== undefined) throw failure('EEXIST', path);
    const folder = names.length === 0 ? undefined : this.#folder(path);
    const now = this.#stamp();
    const node: Node = {
      kind,
      ino: ++this.#last,
      dev: folder?.dev ?? (this.#options.oneVolume === true ? 1 : this.#volumes.size + 1),
      bytes: Buffer.alloc(0),
      children: new Map(),
      links: 1,
      mtimeNs: now,
      ctimeNs: now,
    };
    if (folder === undefined) this.#volumes.set(volume, node);
    else this.#name(path, folder, node);
    return node;
  }

  #folder(path: string): Node {
    const folder = this.at(dirname(clean(path)));
    if (folder.kind !== 'folder') throw failure('ENOTDIR', path);
    return folder;
  }

  #name(path: string, folder: Node, node: Node): void {
    folder.children.set(basename(clean(path)), node);
    this.#touch(folder);
    this.#options.onName?.(clean(path), node);
  }

  #forget(path: string): void {
    const folder = this.#folder(path);
    folder.children.delete(basename(clean(path)));
    this.#touch(folder);
  }

  #touch(folder: Node): void {
    folder.mtimeNs = folder.ctimeNs = this.#stamp();
    this.generation++;
  }

  #stamp(): bigint {
    const { now, tickMs } = this.#options;
    if (tickMs > 0) return BigInt(Math.floor(now() / tickMs) * tickMs) * 1_000_000n;
    return BigInt(Math.floor(now())) * 1_000_000n + (++this.#stamps % 1_000_000n);
  }
}

/** On a Windows Node the blocks make `C:\source\a` of `/source/a`. */
export function clean(path: string): string {
  return path.replaceAll('\\', '/').replace(/^[A-Za-z]:/u, '');
}

function segments(path: string): readonly string[] {
  return clean(path)
    .split('/')
    .filter((name) => name !== '');
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
