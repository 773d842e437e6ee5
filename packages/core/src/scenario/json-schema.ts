import { scenario } from './fields/scenario.js';
import type { JsonSchema } from './shape/shape.js';

/** The JSON Schema (draft 07, which editors know best) of a scenario, as `scenario.schema.json` publishes it. */
export function scenarioSchema(): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Lanceur: scenario',
    description: 'Les lanceurs COLD d’un site, en un fichier.\n\nThe launchers of a site, in one file.',
    ...scenario.schema,
  };
}
