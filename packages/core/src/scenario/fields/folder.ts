import type { AfterFile, FolderFields } from '../row.js';
import { object, optional, required, type Fields } from '../shape/composite.js';
import type { Shape } from '../shape/shape.js';
import { choice, flag, number, text, wordOrObject } from '../shape/values.js';
import { words } from '../words.js';
import { absolutePath } from './values.js';

const after: Shape<AfterFile> = wordOrObject(
  ['remove', 'keep'],
  object<Exclude<AfterFile, string>>(words('{ "moveTo": "F:/traites" }', '{ "moveTo": "F:/traites" }'), {
    moveTo: required(
      absolutePath,
      words('Folder to which what was taken is moved.', 'Dossier où est déplacé ce qui a été pris.'),
      'F:/traites',
    ),
    dated: optional(choice('day', 'month', 'year'), words('Sub-folders by date.', 'Sous-dossiers par date.')),
  }),
);

export const folderFields: Fields<FolderFields> = {
  origin: required(
    absolutePath,
    words(
      'The folder that is watched. Absolute; write / or \\\\ between names.',
      'Chemin d’origine : le dossier surveillé. Absolu ; écrire / ou \\\\ entre les noms.',
    ),
    'F:/depots',
  ),
  settleSeconds: optional(
    number({ from: 0, to: 86_400, whole: false }),
    words(
      'How long a file must have been left alone, in seconds; 0 = taken at once. Default 5.',
      'Temporisation en secondes : durée pendant laquelle un fichier doit être resté intact ; 0 = pris aussitôt. Par défaut 5.',
    ),
    5,
  ),
  unit: optional(
    choice('file', 'stem', 'entry'),
    words(
      'What is taken as one: each file, a document with its index file (stem), or each sub-folder (entry). Default file; entry for Adullact.',
      'Ce qui est pris d’un bloc : chaque fichier (file), un document avec son fichier d’index (stem), ou chaque sous-dossier (entry). Par défaut file ; entry pour Adullact.',
    ),
  ),
  subfolders: optional(
    flag,
    words(
      'Whether sub-folders are looked into. Default false.',
      'Regarder aussi dans les sous-dossiers. Par défaut false.',
    ),
  ),
  doneFile: optional(
    text(words('a file name, such as "{name}.ok"', 'un nom de fichier, comme "{name}.ok"'), {
      pattern: '^[^/\\\\]*\\S[^/\\\\]*$',
    }),
    words(
      'File that says that a document is finished: {name}.ok, {stem}.done.',
      'Fichier témoin qui dit qu’un document est terminé : {name}.ok, {stem}.done.',
    ),
    '{name}.ok',
  ),
  endMarks: optional(
    flag,
    words(
      'Whether PDF, TIFF, XML, JPEG and ZIP wait for the end of their format. Default true.',
      'Attendre la fin propre au format des PDF, TIFF, XML, JPEG et ZIP. Par défaut true.',
    ),
  ),
  giveUp: optional(
    object(words('{ "afterHours": 24, "then": "leave" }', '{ "afterHours": 24, "then": "leave" }'), {
      afterHours: required(
        number({ from: 0, to: 87_600, whole: false }),
        words('Hours after which it is waited for no longer.', 'Heures après lesquelles on n’attend plus.'),
        24,
      ),
      then: required(
        choice('leave', 'take'),
        words('Leave it and say so, or take it as it is.', 'Le laisser et le dire, ou le prendre tel quel.'),
      ),
    }),
    words(
      'What becomes of an item that never gets whole. Default: after 24 hours, left.',
      'Ce que devient un envoi qui ne se complète pas. Par défaut : laissé après 24 heures.',
    ),
  ),
  after: optional(
    after,
    words(
      'What becomes of what was taken: remove (default), keep, or { "moveTo": folder }.',
      'Ce que devient ce qui a été pris : effacé (remove, par défaut), gardé (keep) ou déplacé ({ "moveTo": dossier }).',
    ),
  ),
  quarantine: optional(
    absolutePath,
    words(
      'Where rejected files go, on the same volume. Default .lanceur/rejected in the folder.',
      'Où vont les fichiers rejetés, sur le même volume. Par défaut .lanceur/rejected dans le dossier.',
    ),
  ),
  watch: optional(
    flag,
    words(
      'It also runs whenever something changes in the folder, whatever the schedules say. Default false.',
      'Se lance aussi dès que quelque chose change dans le dossier, quelle que soit la programmation. Par défaut false.',
    ),
  ),
};
