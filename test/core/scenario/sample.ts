import { parseScenario, type Scenario } from '@lanceur/core/scenario';
import { inFrench, LanceurError, type Reason } from '@lanceur/core';

export type Json = Record<string, unknown>;

/** A folder of envelopes: EzGED's own example, as a row. */
export function folderRow(more: Json = {}): Json {
  return {
    id: 16,
    description: 'Adullact Chorus',
    protocol: 'Adullact',
    origin: 'F:/nchp/depots',
    filter: '*.*',
    jobs: [{ extension: 'chorus_fact', job: 87 }],
    schedules: [{ seconds: '*/15' }],
    ...more,
  };
}

export function mailRow(more: Json = {}): Json {
  return {
    id: '17',
    protocol: 'IMAP',
    origin: 'inbox',
    host: 'imap.mairie.fr',
    user: 'factures@mairie.fr',
    password: { env: 'IMAP_PASSWORD' },
    jobs: [{ extension: 'pdf', job: '88' }],
    schedules: [{ minutes: '*/5' }],
    ...more,
  };
}

export function sample(more: Json = {}): Json {
  return {
    timeZone: 'Europe/Paris',
    ledger: 'D:/lanceur/ledger.db',
    spool: 'D:/lanceur/spool',
    jobs: {
      '87': { waitingDirectory: 'C:/nchp/var/spool/ezged/instance/ocr/wait/factures' },
      '88': { ezged: 'mairie', waitingDirectory: 'courriers' },
    },
    ezged: {
      mairie: {
        url: 'https://ged.mairie.fr/ezged',
        user: 'lanceur',
        password: { file: 'D:/lanceur/secrets/ezged' },
        token: { env: 'EZGED_TOKEN' },
      },
    },
    launchers: [folderRow(), mailRow()],
    ...more,
  };
}

/** What is wrong, each as `code field`. */
export function mistakesIn(input: unknown): readonly string[] {
  return problemsIn(input).map(({ code, data }) => `${code} ${String(data?.['field'])}`);
}

export function problemsIn(input: unknown): readonly Reason[] {
  try {
    parseScenario(input);
    return [];
  } catch (error) {
    if (!LanceurError.is(error, 'SCENARIO_INVALID')) throw error;
    return error.reason.problems ?? [];
  }
}

/** The only mistake, in both languages. */
export function onlyMistake(input: unknown): { readonly en: string; readonly fr: string } {
  const [first, ...more] = problemsIn(input);
  if (first === undefined || more.length > 0) throw new Error(`${String(more.length + 1)} mistakes`);
  return { en: first.message, fr: inFrench(first) };
}

export function parsed(more: Json = {}): Scenario {
  return parseScenario(sample(more));
}
