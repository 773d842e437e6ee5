import { afterAll, describe, expect, test } from 'vitest';
import { DOVECOT } from '../../servers/dovecot.js';
import { needs } from '../../support/needs.js';
import { killAtEveryStep } from './explore.js';
import { MAILBOX_STEPS } from './pinned-steps.js';
import { isDecisive, mailboxes } from './set-ups.js';
import type { Instant } from './steps.mjs';
import { Watcher } from './watcher.js';

// As `steps.test.ts` has it for folders. What is the same for mails is left to it: what happens on the disk of the waiting
// directory, except for the placing, and what only reads the ledger. `scripts/crash.mjs` leaves nothing out.

const TIMEOUT_MS = 900_000;
const watcher = new Watcher();
const ELSEWHERE = 'killed at elsewhere';
const done = new Set([ELSEWHERE]);
const met = new Set<string>();
let explored = 0;

afterAll(() => {
  watcher.end();
});

describe.skipIf(!needs(DOVECOT.program, DOVECOT))('killed at each step that has to do with a mailbox', () => {
  test.each(mailboxes)(
    'a launcher loses no mail, sends none twice, and leaves the mailbox as it is told to: $name',
    { timeout: TIMEOUT_MS },
    async (setUp) => {
      const nameOf = ({ when, step }: Instant): string => {
        // Only in these commands does a server without MOVE differ from one that has it.
        const isOwn = setUp.without === undefined ? isDecisive(step) : step.startsWith('mailbox ');
        if (isOwn) return `${when} ${step}, ${setUp.name}`;
        return /^(?:target |ledger (?!write))/u.test(step) ? ELSEWHERE : `${when} ${step}`;
      };
      const { problems, steps } = await killAtEveryStep(setUp, { watcher, done, nameOf });
      for (const step of steps) if (step.startsWith('mailbox ')) met.add(step);
      explored++;
      expect(problems).toEqual([]);
    },
  );

  test('a command that changes a mailbox and is new has to be looked at', ({ skip }) => {
    skip(explored < mailboxes.length, 'not all set-ups were tried');
    expect([...met].sort()).toEqual([...MAILBOX_STEPS].sort());
  });
});
