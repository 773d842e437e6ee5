import { inFrench, LanceurError } from '@lanceur/core';
import { importEzgedRow, parseScenario } from '@lanceur/core/scenario';
import { describe, expect, test } from 'vitest';
import { sample } from './sample.js';

/** EzGED's documented example, as its screen shows it. */
const SCREEN = {
  Id: 16,
  Description: 'Adullact Chorus',
  Protocole: 'Adullact',
  'Chemin d’origine :': 'F:\\nchp\\var',
  'PORT D’ECOUTE': 0,
  'Temporisation en secondes': 0,
  'Filtre de nom de fichier': '*.*',
  'Scénarios affiliés': [
    { 'Travail de référence': '87 - cold facturesfournisseurs', 'Regroupement par extension': 'chorus_fact' },
  ],
  'Programmer le lanceur': [
    {
      Années: '*',
      Mois: '*',
      'Jours de la semaine': '*',
      Jours: '*',
      Heures: '*',
      Minutes: '*',
      Secondes: '*/15',
    },
  ],
};

describe('EzGED’s own example', () => {
  test('becomes a row, and says what it could not know', () => {
    const { row, jobs, notes } = importEzgedRow(SCREEN);
    expect(row).toEqual({
      id: '16',
      description: 'Adullact Chorus',
      protocol: 'adullact',
      origin: 'F:\\nchp\\var',
      settleSeconds: 0,
      filter: '*.*',
      jobs: [{ extension: 'chorus_fact', job: '87' }],
      schedules: [{ seconds: '*/15' }],
    });
    expect(jobs).toEqual({ '87': { description: 'cold facturesfournisseurs' } });
    expect(notes.map(({ data }) => data?.['field'])).toEqual(['jobs["87"]', 'settleSeconds', 'origin']);
    for (const note of notes) expect(inFrench(note)).not.toBe(note.message);
  });

  test('is a scenario once its waiting directory is known', () => {
    const { row, jobs } = importEzgedRow(SCREEN);
    const target = { ...jobs['87'], waitingDirectory: 'C:/nchp/var/spool/ezged/instance/ocr/wait/factures' };
    expect(parseScenario(sample({ jobs: { '87': target }, launchers: [row] })).launchers).toHaveLength(1);
  });
});

test('a mailbox behind a local stunnel is spoken to in clear, and its password goes into a variable', () => {
  const { row, notes } = importEzgedRow({
    ID: '12',
    protocole: 'POP',
    'Chemin source': 'inbox',
    Serveur: '127.0.0.1',
    "Port d'écoute": '110',
    Compte: 'factures@gmail.com',
    'Mot de passe': 'hunter2',
    'Scénarios affiliés': { 'Travail de référence': '88', 'Regroupement par extension': '.PDF' },
    'Programmer le lanceur': {},
  });
  expect(row).toMatchObject({
    protocol: 'pop',
    origin: 'inbox',
    host: '127.0.0.1',
    port: 110,
    tls: 'none',
    user: 'factures@gmail.com',
    password: { env: 'LANCEUR_12_PASSWORD' },
    jobs: [{ extension: 'PDF', job: '88' }],
    schedules: [{}],
  });
  expect(JSON.stringify({ row, notes })).not.toContain('hunter2');
  expect(notes.map(({ message }) => message).join('\n')).toContain('LANCEUR_12_PASSWORD');
  const target = { waitingDirectory: 'D:/wait/courriers' };
  expect(parseScenario(sample({ jobs: { '88': target }, launchers: [row] })).launchers).toHaveLength(1);
});

test('a heading that is not known is said, and a row that is none is refused', () => {
  expect(importEzgedRow({ ...SCREEN, Couleur: 'bleu' }).notes[0]?.message).toMatch(/^Couleur: this heading/);
  for (const screen of ['16', {}, { Id: 1, Protocole: 'FTP' }]) {
    expect(() => importEzgedRow(screen)).toThrow(LanceurError);
  }
});
