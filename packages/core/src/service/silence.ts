import { CODES, type Code } from '../codes.js';
import type { SourceMemory } from '../contracts/ledger.js';
import { reasonOf } from '../errors.js';
import type { Events } from '../events.js';
import { reason, type Reason } from '../reasons.js';
import type { ServiceEvents } from './events.js';
import type { RunSummary } from './state.js';

const DAY_MS = 86_400_000;
/** How far what is remembered may lag behind: next to days it is nothing, and it saves a write at each run. */
const LAG_MS = 3_600_000;

/** What is remembered of a launcher's source, beyond restarts. Milliseconds since 1970. */
interface Heard {
  /** When it last brought something; when it was first watched, if it never has. */
  readonly since: number;
  /** When its silence was last told, if it has not brought anything since. */
  readonly said?: number;
}

export interface SilenceOptions {
  readonly id: string;
  readonly memory: SourceMemory;
  readonly events: Events<ServiceEvents>;
}

interface Note {
  readonly run: RunSummary;
  readonly days: number | undefined;
}

/**
 * Notices that a source that usually brings something no longer does. It is told the end of each run: a launcher that
 * does not run cannot tell, and one that fails each time has brought nothing.
 */
export class Silence {
  readonly #options: SilenceOptions;
  readonly #key: string;
  #known: Heard | undefined;
  #written: Heard | undefined;
  #reason: Reason | undefined;
  /** What has ended while the memory was busy. Of several, one that brought something. */
  #next: Note | undefined;
  #working: Promise<void> | undefined;

  constructor(options: SilenceOptions) {
    this.#options = options;
    this.#key = `heard:${options.id}`;
  }

  /** Why it counts as silent, as of the last run. */
  get reason(): Reason | undefined {
    return this.#reason;
  }

  /**
   * Returns at once: no run waits for the memory, which may be busy, or hang. What that throws is an event.
   * @param days - `undefined`: it may be silent. When it was heard is remembered all the same.
   */
  note(run: RunSummary, days: number | undefined): void {
    const next = this.#next;
    this.#next = next !== undefined && hasBrought(next.run) && !hasBrought(run) ? next : { run, days };
    this.#working ??= this.#work();
  }

  /** Resolves when all that was noted is remembered, or could not be. */
  async settled(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    for (let note = this.#next; note !== undefined; note = this.#next) {
      this.#next = undefined;
      try {
        await this.#take(note);
      } catch (error) {
        this.#options.events.emit('error', { id: this.#options.id, reason: reasonOf(error) });
      }
    }
    this.#working = undefined;
  }

  async #take({ run, days }: Note): Promise<void> {
    const now = run.endedAt;
    const known = notAfter(now, (this.#known ??= await this.#read()) ?? { since: now });
    if (hasBrought(run)) {
      this.#known = { since: now };
      this.#reason = undefined;
      if (known.said !== undefined)
        this.#options.events.emit('heard', { id: this.#options.id, since: known.since });
    } else {
      this.#known = this.#silent(known, now, days);
    }
    await this.#write(this.#known);
  }

  #silent(known: Heard, now: number, days: number | undefined): Heard {
    const passed = (now - known.since) / DAY_MS;
    if (days === undefined || passed < days) {
      this.#reason = undefined;
      return known;
    }
    this.#reason = reason('SOURCE_SILENT', {
      days: Math.floor(passed),
      since: new Date(known.since).toISOString(),
    });
    if (known.said !== undefined && now - known.said < days * DAY_MS) return known;
    this.#options.events.emit('silent', { id: this.#options.id, reason: this.#reason });
    return { ...known, said: now };
  }

  async #read(): Promise<Heard | undefined> {
    const text = (await this.#options.memory.read([this.#key])).get(this.#key);
    const heard = text === undefined ? undefined : parsed(text);
    this.#written = heard;
    return heard;
  }

  async #write(heard: Heard): Promise<void> {
    const before = this.#written;
    const isOld = before === undefined || Math.abs(heard.since - before.since) >= LAG_MS;
    if (!isOld && heard.said === before.said) return;
    await this.#options.memory.write(new Map([[this.#key, JSON.stringify(heard)]]));
    this.#written = heard;
  }
}

/** What comes from a clock that was ahead must not count as yet to come. */
function notAfter(now: number, { since, said }: Heard): Heard {
  return { since: Math.min(since, now), ...(said !== undefined && { said: Math.min(said, now) }) };
}

/** Something ended, or was wanted and could not be taken for a reason that is not the source's. */
function hasBrought({ taken, rejected, documents, left }: RunSummary): boolean {
  return taken + rejected + documents > 0 || left.some(({ code }) => isUnderWay(code));
}

function isUnderWay(code: Code): boolean {
  // A launcher may come from another version of the library.
  if (!Object.hasOwn(CODES, code)) return false;
  // It was brought once, however often the source is asked to let go of it.
  if (code === 'NOT_SETTLED') return false;
  const { scope } = CODES[code];
  if (scope === 'target' || scope === 'document') return true;
  return ['NOT_QUIET', 'CHANGED', 'LIMIT_REACHED', 'STOPPED', 'CIRCUIT_OPEN', 'BUSY'].includes(code);
}

/** `undefined` for what is not ours: it begins anew rather than fail. */
function parsed(text: string): Heard | undefined {
  try {
    const { since, said } = JSON.parse(text) as Partial<Heard>;
    if (typeof since !== 'number') return undefined;
    return { since, ...(typeof said === 'number' && { said }) };
  } catch {
    return undefined;
  }
}
