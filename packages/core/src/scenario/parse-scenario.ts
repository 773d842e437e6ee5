import { row as rowShape } from './fields/row.js';
import { scenario as scenarioShape } from './fields/scenario.js';
import { readJson } from './json/read-json.js';
import { checkMeaning, checkRowMeaning } from './meaning.js';
import { Problems } from './problems.js';
import type { Row } from './row.js';
import type { Scenario } from './scenario.js';
import { words } from './words.js';

/**
 * A scenario: what an administrator has written in one file of JSON.
 *
 * ```ts
 * const scenario = parseScenario(await readFile('D:/lanceur/scenario.json', 'utf8'));
 * ```
 *
 * @param input - the file's text (UTF-8, with a byte order mark or without; JSON knows no comments), or a value that was
 *   read already.
 * @returns it in its plain form: ids and jobs as texts, protocols by their name here.
 * @throws LanceurError `SCENARIO_NOT_JSON` with line and column; `SCENARIO_INVALID`, whose reason has **all** mistakes as
 *   its `problems`: each names the field and its line, says what was expected and what was found. No secret is shown.
 */
export function parseScenario(input: unknown): Scenario {
  const { value, lines, repeated } =
    typeof input === 'string' ? readJson(input) : { value: input, lines: undefined, repeated: [] };
  const problems = new Problems(lines);
  for (const path of repeated) problems.conflict(path, TWICE);
  const scenario = scenarioShape.read(value, '', problems);
  checkMeaning(value, problems);
  if (scenario === undefined || problems.count > 0) throw problems.refusal();
  return scenario;
}

/** A launcher by itself. @throws LanceurError `SCENARIO_INVALID`, as for {@link parseScenario}. */
export function parseRow(value: unknown): Row {
  const problems = new Problems();
  const row = rowShape.read(value, '', problems);
  if (row !== undefined) checkRowMeaning(row, '', problems);
  if (row === undefined || problems.count > 0) throw problems.refusal();
  return row;
}

const TWICE = words('written twice in this object', 'écrit deux fois dans cet objet');
