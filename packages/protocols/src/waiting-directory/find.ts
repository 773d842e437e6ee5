import { safeNames, type Clock, type Found, type Planned, type Sent } from '@lanceur/core';
import type { Attempt } from './attempt.js';
import { lookFor, type Outcome } from './evidence.js';
import type { Evidence, Mark } from './mark.js';
import { readMark, writeMark } from './mark.js';
import { keyOf } from './naming.js';
import type { Place } from './place.js';
import type { Placement } from './probe.js';

interface Known {
  readonly sent: Sent;
  readonly mark: Mark;
}

/**
 * What became of a submission. First takes away from its attempt what it would need to go on, then looks at each
 * document, and says `unknown` wherever the evidence does not tell for certain.
 *
 * @param attempt - the newest of this process, which can place nothing any more.
 */
export async function findIn(
  place: Place,
  planned: Planned,
  attempt: Attempt | undefined,
  clock: Clock,
): Promise<Found> {
  const placement = await place.placement();
  const sent = planned.sent ?? (attempt?.noted === true ? attempt.sent() : undefined);
  const known = sent === undefined ? await fromStaging(place, planned) : marked(planned, sent);
  if (known === undefined) return { is: 'unknown' };

  const manifest = known.flatMap(({ mark }) => mark.manifest ?? []).at(0);
  const evidence = known.flatMap(({ mark }) => mark.evidence ?? []);
  const all = manifest === undefined ? evidence : [...evidence, manifest];
  const look = await looking(place, placement, attempt, all);

  const outcomes: Outcome[] = [];
  const names = safeNames(planned.documents);
  for (const [i, { mark }] of known.entries()) {
    outcomes.push(mark.evidence === undefined ? 'placed' : await look(mark.evidence, names[i]));
  }
  const last = manifest === undefined ? undefined : await look(manifest, undefined);
  keep(place, keyOf(planned.id), all);
  return conclude(known, outcomes, last, planned.id, clock);
}

function conclude(
  known: readonly Known[],
  outcomes: readonly Outcome[],
  manifest: Outcome | undefined,
  submissionId: string,
  clock: Clock,
): Found {
  const documents = known.map(({ sent: { name, size, sha256 } }) => ({ name, size, sha256 }));
  const found: Found = { is: 'found', receipt: { submissionId, at: clock.now(), documents } };
  // It is placed last: what it lists was there before it.
  if (manifest === 'placed') return found;
  if (manifest === 'unknown' || outcomes.includes('unknown')) return { is: 'unknown' };
  if (!outcomes.includes('placed')) return { is: 'absent' };
  if (manifest === undefined && !outcomes.includes('absent')) return found;
  const there = known.filter((_, i) => outcomes[i] === 'placed');
  return {
    is: 'partial',
    have: there.map(({ sent, mark }) => ({ ...sent, mark: writeMark({ n: mark.n }) })),
  };
}

/**
 * All of it stays until the submission is sent again or forgotten: the answer is not in the ledger yet, and a process that
 * asks after this one must come to the same. What is missing from a run would look placed to it.
 */
function keep(place: Place, key: string, evidence: readonly Evidence[]): void {
  for (const { run, staged } of evidence) place.runs.note(key, run, staged);
}

/** Looks at one piece of evidence, each run having been taken away once. */
async function looking(
  place: Place,
  placement: Placement,
  attempt: Attempt | undefined,
  evidence: readonly Evidence[],
): Promise<(one: Evidence, name: string | undefined) => Promise<Outcome>> {
  const runs = new Map<string, ((name: string) => string) | undefined>();
  for (const { run } of evidence) {
    if (runs.has(run)) continue;
    const staged = evidence.filter((e) => e.run === run).map((e) => e.staged);
    runs.set(run, await place.runs.takeAway(run, staged));
  }
  return async (one, base) =>
    attempt?.outcomeOf(one) ?? lookFor(place, placement, { evidence: one, whereIs: runs.get(one.run), base });
}

/** `undefined` where a document is missing, or has a mark that is not ours. */
function marked(planned: Planned, all: readonly Sent[]): readonly Known[] | undefined {
  const known = planned.documents.flatMap((name) => {
    const sent = all.find((s) => s.name === name);
    const mark = sent === undefined ? undefined : readMark(sent);
    return sent === undefined || mark === undefined ? [] : [{ sent, mark }];
  });
  return known.length === planned.documents.length ? known : undefined;
}

const ORDINAL = /\.(\d+)$/u;

/**
 * Without the ledger's note: a staged file with a second name was placed, and says by its ordinal which document it
 * is. Nothing else can be concluded.
 */
async function fromStaging(place: Place, planned: Planned): Promise<readonly Known[] | undefined> {
  const known = new Map<number, Known>();
  for (const { run, name } of await place.runs.of(keyOf(planned.id))) {
    const ordinal = ORDINAL.exec(name)?.[1];
    const document = planned.documents[Number(ordinal)];
    if (ordinal === undefined || document === undefined) return undefined;
    const whereIs = await place.runs.takeAway(run, [name]);
    if (whereIs === undefined || (await place.fs.lstat(whereIs(name))).links < 2) return undefined;
    const digest = await place.digest(whereIs(name));
    const evidence: Evidence = { means: 'link', run, staged: name };
    known.set(Number(ordinal), { sent: { name: document, ...digest }, mark: { n: 1, evidence } });
  }
  return known.size === planned.documents.length ? [...known.values()] : undefined;
}
