import { patternOf, type ScheduleRow } from '../../schedule/fields.js';
import { list, object, optional, type Field } from '../shape/composite.js';
import { shown, type Shape } from '../shape/shape.js';
import { either, number, text } from '../shape/values.js';
import { words, type Words } from '../words.js';

const FIELD = either(
  number({ from: 0, to: 9999 }),
  text(
    words('a text such as "*", "8-18", "*/15" or "1,15"', 'un texte comme "*", "8-18", "*/15" ou "1,15"'),
    {
      pattern: '^[0-9A-Za-z*,/ -]+$',
    },
  ),
  (value) => typeof value === 'number',
);

/** A field of a schedule; what the pattern of a text cannot tell is told by the schedule itself. */
function field(name: keyof ScheduleRow, about: Words, example?: unknown): Field<string | number> {
  const shape: Shape<string | number> = {
    ...FIELD,
    read(value, path, problems) {
      const read = FIELD.read(value, path, problems);
      if (read === undefined) return undefined;
      try {
        patternOf({ [name]: read }, 'row');
        return read;
      } catch {
        const found = shown(read);
        problems.conflict(
          path,
          words(
            `expected ${about.en}, as *, a number, a range from low to high (8-18), a step (*/15, 8-18/2), or several with commas; found ${found.en}`,
            `attendu ${about.fr} : *, un nombre, un intervalle croissant (8-18), un pas (*/15, 8-18/2), ou plusieurs avec des virgules ; trouvé ${found.fr}`,
          ),
        );
        return undefined;
      }
    },
  };
  return optional(shape, about, example);
}

const row = object<ScheduleRow>(words('a row of the schedule', 'une ligne de programmation'), {
  years: field('years', words('years, four digits', 'les années, sur quatre chiffres'), '*'),
  months: field('months', words('months, 1 to 12', 'les mois, de 1 à 12'), '*'),
  weekdays: field(
    'weekdays',
    words(
      'days of the week, 1 = Monday to 7 = Sunday, or mon to sun',
      'les jours de la semaine, de 1 = lundi à 7 = dimanche, ou lun à dim',
    ),
    'lun-ven',
  ),
  days: field('days', words('days of the month, 1 to 31', 'les jours du mois, de 1 à 31'), '*'),
  hours: field('hours', words('hours, 0 to 23', 'les heures, de 0 à 23'), '8-18'),
  minutes: field('minutes', words('minutes, 0 to 59', 'les minutes, de 0 à 59'), '*'),
  seconds: field(
    'seconds',
    words('seconds, 0 to 59; 0 if left out', 'les secondes, de 0 à 59 ; 0 à défaut'),
    '*/15',
  ),
});

/** "Programmer le lanceur". */
export const schedules: Shape<readonly ScheduleRow[]> = list(
  words(
    'a list of rows, at least one: [{ "seconds": "*/15" }]',
    'une liste d’au moins une ligne : [{ "seconds": "*/15" }]',
  ),
  row,
);
