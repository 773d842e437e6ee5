/** How the blocks of a launcher are put together, for a life that is full of crashes. JSON. */
export interface SetUp {
  readonly name: string;
  /** Where documents come from: `sources/<name>.mjs` listens there, `sources/<name>.ts` puts them there and looks. */
  readonly source: 'folder' | 'mailbox';
  readonly unit: 'file' | 'stem' | 'entry';
  /** The job of all documents, or one for each extension. */
  readonly grouper: string | Readonly<Record<string, string>>;
  /** The folder below `wait` that each job reads. */
  readonly jobs: Readonly<Record<string, string>>;
  readonly layout: 'flat' | 'folder';
  readonly manifest: boolean;
  /** What the server of a mailbox cannot do, of what IMAP's extensions are for. Default: nothing. */
  readonly without?: readonly ('MOVE' | 'UIDPLUS')[];
  /** `flag`: a mail alone. */
  readonly after: 'remove' | 'move' | 'move to another volume' | 'flag';
  /** In milliseconds. */
  readonly quiet: number;
  /** Whether the COLD takes documents as soon as it sees them. */
  readonly eats: boolean;
  /** What is made of the volume of the waiting directories. */
  readonly volume: 'as it is' | 'without hard links' | 'not to be trusted';
  /** Whether the source's file is linked instead of copied. */
  readonly link: boolean;
  readonly inDoubt: 'resubmit' | 'reject';
  /** Larger documents are rejected. */
  readonly documentBytes: number;
}

const plain: SetUp = {
  name: 'a file, removed',
  source: 'folder',
  unit: 'file',
  grouper: '87',
  jobs: { '87': 'factures' },
  layout: 'flat',
  manifest: false,
  after: 'remove',
  quiet: 0,
  eats: false,
  volume: 'as it is',
  link: false,
  inDoubt: 'resubmit',
  documentBytes: 300_000,
};

/** Where `find` can tell for certain: nothing is sent twice, and nothing is in doubt, wherever it is killed. */
export const certain: readonly SetUp[] = [
  plain,
  { ...plain, name: 'a file, moved, from a COLD that takes at once', after: 'move', quiet: 1, eats: true },
  {
    ...plain,
    name: 'a document with its index file, moved, with a manifest',
    unit: 'stem',
    manifest: true,
    after: 'move',
  },
  {
    ...plain,
    name: 'a document whose index file nobody wants, put aside',
    unit: 'stem',
    grouper: { pdf: '87' },
    eats: true,
  },
  {
    ...plain,
    name: 'a sub-folder for two jobs, removed, folder by folder with a manifest',
    unit: 'entry',
    grouper: { pdf: '87', xml: '12' },
    jobs: { '87': 'factures', '12': 'index' },
    layout: 'folder',
    manifest: true,
    eats: true,
  },
  { ...plain, name: 'a sub-folder, moved, file by file', unit: 'entry', after: 'move', quiet: 1 },
  {
    ...plain,
    name: 'a sub-folder, moved to another volume',
    unit: 'entry',
    after: 'move to another volume',
  },
  { ...plain, name: 'a file on a volume without hard links', volume: 'without hard links', eats: true },
  { ...plain, name: 'a file that is linked instead of copied', link: true },
];

/** A volume on which `find` cannot tell a document that was taken from one that was touched. */
export const uncertain: readonly SetUp[] = (['resubmit', 'reject'] as const).map((inDoubt) => ({
  ...plain,
  name: `a file on a volume that says too little, ${inDoubt}`,
  volume: 'not to be trusted',
  eats: true,
  inDoubt,
}));

/** The same for mails, which have attachments instead of files. */
export const mailboxes: readonly SetUp[] = [
  { ...plain, source: 'mailbox', name: 'a mail, deleted' },
  {
    ...plain,
    source: 'mailbox',
    name: 'a mail, moved to a folder, with an attachment that nobody wants',
    grouper: { pdf: '87' },
    after: 'move',
  },
  {
    ...plain,
    source: 'mailbox',
    name: 'a mail, flagged, from a COLD that takes at once',
    after: 'flag',
    eats: true,
  },
  {
    ...plain,
    source: 'mailbox',
    name: 'a mail, moved without MOVE',
    without: ['MOVE'],
    after: 'move',
  },
  {
    ...plain,
    source: 'mailbox',
    name: 'a mail, moved without MOVE and UIDPLUS',
    without: ['MOVE', 'UIDPLUS'],
    after: 'move',
  },
];

/** Whether {@link certain}. */
export function isCertain({ volume }: SetUp): boolean {
  return volume !== 'not to be trusted';
}

/** Whether it decides what a launcher that comes after a crash finds: it is another matter in every set-up. */
export function isDecisive(step: string): boolean {
  return /-> placed$|^ledger write (?:submitted|refused|resubmit)/u.test(step);
}
