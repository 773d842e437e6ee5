import { LanceurError } from '../errors.js';
import { nameFilter } from '../filters/name-filter.js';
import { byExtension } from '../groupers/by-extension.js';
import { Launcher } from '../launcher/launcher.js';
import type { LauncherOptions } from '../launcher/options.js';
import { refuseUnknownOptions } from '../unknown-options.js';
import { certificatesIn } from './certificates.js';
import { parseRow } from './parse-scenario.js';
import type { AnyProtocol, Protocol, ProtocolContext, SourceBlocks, WholeRule } from './protocol.js';
import type { ProtocolName, Row } from './row.js';
import { replacerOf, secretOf } from './secrets.js';

/** What a row does not say: the host's blocks. */
export interface CreateLauncherOptions extends Pick<
  LauncherOptions,
  'submitter' | 'ledger' | 'spool' | 'clock' | 'random' | 'concurrency' | 'limits' | 'adopt'
> {
  /** The protocols that this host has: `[directoryProtocol, imapProtocol]`. */
  readonly protocols: readonly AnyProtocol[];
  /** Where `{ "env": … }` looks. Default: the process's own environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const OF_LAUNCHER = [
  'submitter',
  'ledger',
  'spool',
  'clock',
  'random',
  'concurrency',
  'limits',
  'adopt',
] as const;

/**
 * The launcher that a row describes.
 *
 * ```ts
 * const launcher = createLauncher(row, { protocols: [directoryProtocol, adullactProtocol], submitter, ledger, spool });
 * ```
 *
 * @throws LanceurError `SCENARIO_INVALID` if the row is none, `PROTOCOL_MISSING` if the host does not have its protocol,
 *   `UNKNOWN_JOB` if the submitter does not have its job, `OVERLAP`, `INVALID_OPTION`.
 */
export function createLauncher(row: Row, options: CreateLauncherOptions): Launcher {
  refuseUnknownOptions('createLauncher', options, [...OF_LAUNCHER, 'protocols', 'env']);
  const checked = parseRow(row);
  const { protocols: _protocols, env: _env, ...ofLauncher } = options;
  const { id, filter = '*.*', jobs, unwanted, discardUnwanted, inDoubt, attempts } = checked;
  return new Launcher({
    ...ofLauncher,
    id,
    ...sourceOf(checked, options),
    filter: nameFilter(filter),
    grouper: byExtension(Object.fromEntries(jobs.map(({ extension, job }) => [extension, job])), {
      // A document and its index file go to one job together.
      together: 'unit' in checked && checked.unit === 'stem',
    }),
    ...(unwanted !== undefined && { unwanted }),
    ...(discardUnwanted !== undefined && { discardUnwanted }),
    ...(inDoubt !== undefined && { inDoubt }),
    ...(attempts !== undefined && { attempts }),
  });
}

function sourceOf(row: Row, options: CreateLauncherOptions, whole?: WholeRule): SourceBlocks {
  const { protocols, spool, clock, env } = options;
  const protocol = protocols.find(({ name }) => name === row.protocol);
  if (protocol === undefined) {
    throw new LanceurError('PROTOCOL_MISSING', {
      protocol: row.protocol,
      launcher: row.id,
      known: protocols.map(({ name }) => name).join(', ') || '—',
      how: IMPORTS[row.protocol],
    });
  }
  const context: ProtocolContext = {
    ...(spool !== undefined && { spool }),
    ...(clock !== undefined && { clock }),
    ...(whole !== undefined && { whole }),
    secret: (ref) => secretOf(ref, env),
    keeperOf: replacerOf,
    certificates: certificatesIn,
    blocksOf: (other, more = {}) => sourceOf(other, options, more.whole),
  };
  // It was found by the row's own protocol.
  return (protocol as Protocol<ProtocolName>).blocks(row, context);
}

const IMPORTS: Readonly<Record<ProtocolName, string>> = {
  directory: "import { directoryProtocol } from '@lanceur/protocols/directory'",
  imap: "import { imapProtocol } from '@lanceur/protocols/imap'",
  pop: "import { popProtocol } from '@lanceur/protocols/pop3'",
  adullact: "import { adullactProtocol } from '@lanceur/adullact'",
};
