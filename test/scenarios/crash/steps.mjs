// @ts-check
// What a launcher does, as named steps: each call on the source's session, on the ledger and on the submitter, and
// each effect on a disk. A process can be told to die at any of them.
import { openSync, writeSync } from 'node:fs';

/**
 * An instant in a process's life: before or after the `nth` step of this name (from 1), or in the middle of it, where
 * it writes and can be cut short.
 *
 * @typedef {{ readonly when: 'before' | 'during' | 'after', readonly step: string, readonly nth: number }} Instant
 */

/** Writes each step into a file before and after it is done, so that it is known of a process that is no more. */
export class Steps {
  #fd;
  #death;
  /** @type {Map<string, number>} */
  #counts = new Map();

  /**
   * @param {string} trace - the file
   * @param {Instant | undefined} death - when to die
   */
  constructor(trace, death) {
    this.#fd = openSync(trace, 'a');
    this.#death = death;
  }

  /**
   * @template T
   * @param {string} name
   * @param {() => Promise<T>} work
   * @param {() => Promise<unknown>} [half] - does the half of it
   * @returns {Promise<T>}
   */
  async step(name, work, half) {
    const nth = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, nth);
    const death = this.#death?.step === name && this.#death.nth === nth ? this.#death.when : undefined;
    this.#note(half === undefined ? 'before' : 'before, during', name);
    if (death === 'before') await die();
    if (death === 'during') {
      await half?.();
      await die();
    }
    try {
      return await work();
    } finally {
      this.#note('after', name);
      if (death === 'after') await die();
    }
  }

  /**
   * @param {string} when
   * @param {string} name
   */
  #note(when, name) {
    writeSync(this.#fd, `${when}\t${name}\n`);
  }
}

/** As an administrator or the system ends it: no handler, no `finally`. */
export function die() {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
}

/**
 * @param {Steps} steps
 * @param {import('@lanceur/core').Listener} listener
 * @returns {import('@lanceur/core').Listener}
 */
export function steppingListener(steps, listener) {
  return {
    source: listener.source,
    address: listener.address,
    traits: listener.traits,
    ...(listener.folders && { folders: listener.folders }),
    connect: (options) =>
      steps.step('connect', async () => steppingSession(steps, await listener.connect(options))),
  };
}

/**
 * @param {Steps} steps
 * @param {import('@lanceur/core').Session} session
 * @returns {import('@lanceur/core').Session}
 */
function steppingSession(steps, session) {
  const close = () => steps.step('disconnect', () => session.close());
  return {
    async *list() {
      yield* await steps.step('list', () => arrayOf(session.list()));
    },
    open: (ref, wants, options) => steps.step('open', () => session.open(ref, wants, options)),
    settle: (batch) => steps.step('settle', () => session.settle(batch)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * @param {Steps} steps
 * @param {import('@lanceur/core').ColdSubmitter} submitter
 * @returns {import('@lanceur/core').ColdSubmitter}
 */
export function steppingSubmitter(steps, submitter) {
  const { traits, jobs, folders, find, forget } = submitter;
  return {
    traits,
    ...(jobs && { jobs }),
    ...(folders && { folders }),
    submit: (group, options) => steps.step('submit', () => submitter.submit(group, options)),
    ...(find && { find: (planned) => steps.step('find', () => find.call(submitter, planned)) }),
    ...(forget && {
      forget: (ids, options) => steps.step('forget', () => forget.call(submitter, ids, options)),
    }),
  };
}

/**
 * @param {Steps} steps
 * @param {import('@lanceur/core').Ledger} ledger
 * @returns {import('@lanceur/core').Ledger}
 */
export function steppingLedger(steps, ledger) {
  /** @type {<T>(call: string, work: () => Promise<T>) => Promise<T>} */
  const step = (call, work) => steps.step(`ledger ${call}`, work);
  return {
    classify: (viewer, refs) => step('classify', () => ledger.classify(viewer, refs)),
    claim: (viewer, ref, options) => step('claim', () => ledger.claim(viewer, ref, options)),
    async write(claim, changes, leaseMs) {
      const write = () => ledger.write(claim, changes, leaseMs);
      // A lease is renewed by the clock, not in the course of things.
      if (changes.length === 0) return await write();
      return await step(`write ${changes.map(({ type }) => type).join('+')}`, write);
    },
    async *unfinished(source) {
      yield* await step('unfinished', () => arrayOf(ledger.unfinished(source)));
    },
    carry: (source, pairs) => step('carry', () => ledger.carry(source, pairs)),
    listed: (source, refs) => step('listed', () => ledger.listed(source, refs)),
    prune: (source, options) => step('prune', () => ledger.prune(source, options)),
    replay: (which, what) => step('replay', () => ledger.replay(which, what)),
    find: (which) => ledger.find(which),
    bind: (viewer, address, options) => step('bind', () => ledger.bind(viewer, address, options)),
    memory(source) {
      const memory = ledger.memory(source);
      return {
        read: (keys) => step('remember', () => memory.read(keys)),
        write: (entries) => step('note', () => memory.write(entries)),
      };
    },
    ...(ledger.folders && { folders: ledger.folders }),
    close: () => ledger.close(),
  };
}

/**
 * @template T
 * @param {AsyncIterable<T>} items
 */
async function arrayOf(items) {
  /** @type {T[]} */
  const all = [];
  for await (const item of items) all.push(item);
  return all;
}
