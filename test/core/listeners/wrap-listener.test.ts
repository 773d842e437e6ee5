import { byExtension, Launcher, memoryLedger, nameFilter, wrapListener, type Listener } from '@lanceur/core';
import { listenerSuite, memoryCold, memoryListener } from '@lanceur/core/testing';
import { describe, expect, test } from 'vitest';
import { prefixed } from '../../../docs/examples/dist/wrapped-listener.js';
import { memoryBench } from '../testing/memory-bench.js';

/** One whose methods are of a class, which a spread would lose. */
class Watched implements Listener {
  readonly source = 'watched';
  readonly address = 'watched in memory';
  readonly traits = { concurrentSessions: true, settleEndsSession: false, keeps: false };
  readonly folders = [{ role: 'source', path: '/depots' }];
  readonly said: string[] = [];
  async connect() {
    return await memoryListener().connect();
  }
  watch(wake: () => void): AsyncDisposable {
    this.said.push('watch');
    wake();
    return { [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  check() {
    this.said.push('check');
    return Promise.resolve([]);
  }
  health() {
    this.said.push('health');
    return undefined;
  }
}

describe('a wrapped listener that changes nothing', () => {
  for (const options of [{}, { concurrentSessions: false, settleEndsSession: true }])
    for (const c of listenerSuite({
      create: () => memoryBench(options, (inner) => wrapListener(inner, () => ({}))),
    }))
      test(`${c.name} ${JSON.stringify(options)}`, c.run);

  test('hands on what the inner one has beside sessions', async () => {
    const inner = new Watched();
    const outer = wrapListener(inner, () => ({}));
    let woken = 0;
    outer.watch?.(() => woken++);
    await outer.check?.();
    outer.health?.();
    expect({ said: inner.said, woken, folders: outer.folders }).toEqual({
      said: ['watch', 'check', 'health'],
      woken: 1,
      folders: inner.folders,
    });
  });

  test('has nothing that the inner one does not have', async () => {
    const { source, address, traits, connect } = memoryListener();
    const outer = wrapListener({ source, address, traits, connect }, () => ({}));
    expect(Object.keys(outer).sort()).toEqual(['address', 'connect', 'source', 'traits']);
  });
});

test('a wrapped listener that renames its documents does so for the filter, the grouper and the COLD', async () => {
  const inner = memoryListener({
    items: [
      { name: 'a.pdf', content: 'A' },
      { name: 'b.txt', content: 'B' },
    ],
  });
  const cold = memoryCold();
  const launcher = new Launcher({
    id: '1',
    listener: prefixed(inner, 'mairie-'),
    filter: nameFilter('mairie-*.pdf'),
    grouper: byExtension({ pdf: '87' }),
    submitter: cold,
    ledger: memoryLedger(),
  });
  const report = await launcher.run();
  expect(cold.arrivals.map(({ name }) => name)).toEqual(['mairie-a.pdf']);
  expect(report.left.map(({ name }) => name)).toEqual(['b.txt']);
  expect(inner.items.map(({ name }) => name)).toEqual(['b.txt']);
  await launcher.close();
});
