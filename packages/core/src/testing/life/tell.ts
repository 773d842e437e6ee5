import type { LifeHistory } from './play.js';

/** A history in words: the story that it followed from, what happened, and what was wrong with it. */
export function tellHistory({ story, log, problems }: LifeHistory): string {
  const { seed, source, cold, policy, items, processes, events, repair } = story;
  const lines = [
    `story ${String(seed)}`,
    `  source   ${inWords(source)}`,
    `  cold     ${inWords(cold)}`,
    `  policy   ${inWords(policy)}`,
    ...items.map((item) => `  item     ${inWords(item)}`),
    ...processes.map((process) => `  process  ${inWords(process)}`),
    ...events.map((event) => `  event    ${inWords(event)}`),
    `  repair   ${repair}`,
    ...log,
    ...problems.map(({ kind, what }) => `=> ${kind}: ${what}`),
  ];
  return lines.join('\n');
}

function inWords(value: object): string {
  return JSON.stringify(value).slice(1, -1).replaceAll('"', '').replaceAll(',', ', ');
}
