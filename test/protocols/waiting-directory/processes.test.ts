import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Sent } from '@lanceur/core';
import { waitingDirectory, type TargetOptions } from '@lanceur/protocols/waiting-directory';
import { content, one, planned, staged, waiting } from './bench.js';

interface Message {
  readonly submissionId?: string;
  readonly sent?: readonly Sent[];
  readonly outcome?: string;
  readonly stopping?: boolean;
}

const layouts = ['flat', 'folder'] as const;

test.each(layouts)(
  'a process that is killed between the note and the placing has placed nothing, and it is sent once (%s)',
  async (layout) => {
    const { path, staging } = waiting();
    const child = start(path, { layout }, 'SIGKILL', ['a.pdf']);
    const messages = listen(child);
    await once(child, 'exit');
    const { submissionId = '', sent = [] } = messages[0] ?? {};
    expect(sent).toHaveLength(1);
    const next = waitingDirectory({ jobs: { '87': path }, layout });
    expect(await next.find(planned(submissionId, sent))).toEqual({ is: 'absent' });
    await next.submit(one(), { submissionId, beforePlacing: () => Promise.resolve() });
    expect(Object.values(content(path))).toEqual(['one']);
    await next.forget([submissionId]);
    expect(staged(staging)).toEqual([]);
  },
);

// Where the kernel says by /proc that a process is stopped.
describe.skipIf(process.platform !== 'linux')(
  'a process that is frozen between the note and the placing',
  () => {
    test.each(layouts)(
      'places nothing when it wakes up after another has asked `find`, and knows that it did not (%s)',
      async (layout) => {
        const { path } = waiting();
        const child = start(path, { layout }, 'SIGSTOP', ['a.pdf']);
        const messages = listen(child);
        await isStopped(child, messages);
        const { submissionId = '', sent = [] } = messages[0] ?? {};
        const next = waitingDirectory({ jobs: { '87': path }, layout });
        expect(await next.find(planned(submissionId, sent))).toEqual({ is: 'absent' });
        await next.submit(one(), { submissionId, beforePlacing: () => Promise.resolve() });
        child.kill('SIGCONT');
        await once(child, 'exit');
        expect(Object.values(content(path))).toEqual(['one']);
        expect(messages.at(-1)).toEqual({ outcome: 'TARGET_FAILED' });
      },
    );

    test('goes on with other documents, in a run of its own', async () => {
      const { path } = waiting();
      const child = start(path, {}, 'SIGSTOP', ['a.pdf', 'b.pdf']);
      const messages = listen(child);
      await isStopped(child, messages);
      const { submissionId = '', sent = [] } = messages[0] ?? {};
      expect(await waitingDirectory({ jobs: { '87': path } }).find(planned(submissionId, sent))).toEqual({
        is: 'absent',
      });
      child.kill('SIGCONT');
      await once(child, 'exit');
      expect(Object.keys(content(path))).toEqual(['b.pdf']);
      expect(messages.flatMap(({ outcome }) => outcome ?? [])).toEqual(['TARGET_FAILED', 'placed']);
    });
  },
);

test.each(layouts)(
  'two processes that place the same names at once overwrite nothing (%s)',
  async (layout) => {
    const { path } = waiting();
    const names = Array.from({ length: 20 }, () => 'scan.pdf');
    const children = [1, 2].map(() => start(path, { layout }, '', names));
    const messages = children.map(listen);
    await Promise.all(children.map((child) => once(child, 'exit')));
    expect(messages.flat().filter(({ outcome }) => outcome === 'placed')).toHaveLength(40);
    const expected = children.flatMap(({ pid }) =>
      names.map((_, i) => `content ${String(pid)} ${String(i)}`),
    );
    expect(Object.values(content(path)).sort()).toEqual(expected.sort());
  },
);

function start(path: string, options: TargetOptions, stop: string, names: readonly string[]): ChildProcess {
  const child = fork(
    fileURLToPath(new URL('child.mjs', import.meta.url)),
    [path, JSON.stringify(options), stop, ...names],
    {
      execArgv: [],
    },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

function listen(child: ChildProcess): Message[] {
  const messages: Message[] = [];
  child.on('message', (message) => messages.push(message as Message));
  return messages;
}

/** It says that it is about to, and then the kernel says that it is. */
async function isStopped({ pid }: ChildProcess, messages: readonly Message[]): Promise<void> {
  const isIt = () =>
    messages.some((message) => message.stopping) &&
    readFileSync(`/proc/${String(pid)}/stat`, 'utf8').includes(') T ');
  while (!isIt()) await sleep(1);
}
