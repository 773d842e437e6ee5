import type { Row } from './row.js';
import type { SecretRef } from './secret-ref.js';

/** All that an administrator says, in one file. */
export interface Scenario {
  /** For editors: the address of the JSON Schema. */
  readonly $schema?: string;
  /** Whose clock the schedules go by: an IANA name such as `Europe/Paris`. */
  readonly timeZone: string;
  /** The ledger's file. Absolute, on a local disk. */
  readonly ledger: string;
  /** A private folder on a local disk for what has to be unpacked. Absolute. Needed for POP and Adullact. */
  readonly spool?: string;
  /** Where each job's COLD takes its documents from, by the job's number or name. */
  readonly jobs: Readonly<Record<string, JobTarget>>;
  /** EzGEDs elsewhere, by a name of your own. */
  readonly ezged?: Readonly<Record<string, EzgedAccount>>;
  readonly launchers: readonly Row[];
}

/** The waiting directory of a job: a folder of this machine or a share, or one of an EzGED elsewhere. */
export type JobTarget = FolderTarget | EzgedTarget;

export interface FolderTarget {
  readonly description?: string;
  /** The folder. Absolute; it is never made. */
  readonly waitingDirectory: string;
  /** Each document a file (`flat`, default), or each group a sub-folder that appears whole. */
  readonly layout?: 'flat' | 'folder';
  /** Where a name is taken: number it (default), refuse the document, or take what is the `same` as placed. */
  readonly conflict?: 'number' | 'refuse' | 'same';
  /** Whether a JSON file that lists each group is placed last. Default false. */
  readonly manifest?: boolean;
  /** Where documents are written before they are placed. Absolute, on the same volume. */
  readonly staging?: string;
}

export interface EzgedTarget {
  readonly description?: string;
  /** A name of the scenario's `ezged`. */
  readonly ezged: string;
  /** The waiting directory's name there, below `ocr/wait`. */
  readonly waitingDirectory: string;
}

/** An EzGED that is reached by its web services. */
export interface EzgedAccount {
  /** What stands before `/data/service.php`: `https://ged.mairie.fr/ezged`. */
  readonly url: string;
  /** Which of its instances. Default: EzGED's own choice. */
  readonly instance?: string;
  /** The account ("utilisateur"). */
  readonly user: string;
  /** Its password; sent as md5 for an account that is local to EzGED. */
  readonly password: SecretRef;
  /** The directory that knows the account; without one it is local to EzGED. */
  readonly domain?: string;
  /** The installation's setting `upload_token`. */
  readonly token: SecretRef;
  /** Default true: the beginning of the submission's id in the uploaded name. */
  readonly nameWithSubmissionId?: boolean;
  /** Whether a JSON file that lists each group is uploaded last. Default false. */
  readonly manifest?: boolean;
  /** A file with certificates in PEM to trust instead of those that Node knows. Absolute. */
  readonly caFile?: string;
  /** An HTTP proxy: `http://proxy.mairie.fr:3128`. */
  readonly proxy?: string;
  /** Speaks `http:` to another machine. Default false. */
  readonly allowClearText?: boolean;
  /** Uploads at once. Default 4. */
  readonly connections?: number;
}
