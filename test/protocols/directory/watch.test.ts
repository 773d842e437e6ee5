import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { bench, seen } from './bench.js';

test('a file that comes wakes the poll, many of them not many times', async () => {
  const b = await bench();
  let woken = 0;
  let wake: () => void = () => {};
  const first = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const watching = b.listener().watch?.(() => {
    woken++;
    wake();
  });
  for (let i = 0; i < 50; i++) await b.write(`${String(i)}.pdf`);
  await first;
  // A calm of 200 ms each: a machine would have to take five seconds over these files.
  expect(woken).toBeLessThan(25);
  expect(Object.keys(await seen(b.listener()))).toHaveLength(50);
  await watching?.[Symbol.asyncDispose]();
});

test('a folder that is not there, or goes, is no error: polling says so', async () => {
  const b = await bench();
  const absent = b.listener({ path: b.at('absent') }).watch?.(() => {});
  const gone = b.listener().watch?.(() => {});
  await rm(b.path, { recursive: true });
  await absent?.[Symbol.asyncDispose]();
  await gone?.[Symbol.asyncDispose]();
  await gone?.[Symbol.asyncDispose]();
});
