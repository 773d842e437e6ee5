import { LanceurError } from '@lanceur/core';
import { virtualClock } from '@lanceur/core/testing';
import { expect, test } from 'vitest';
import { LoginPause } from '../../../packages/protocols/dist/mail/login-pause.js';
import { memoryOfObject } from '../../../packages/protocols/dist/memory-of-object.js';

test('a pause is over where the clock was years ahead when it began', async () => {
  const memory = memoryOfObject();
  const clocks = ['2036-11-30T00:00:00Z', '2026-11-30T00:00:00Z'].map((at) => virtualClock(Date.parse(at)));
  const [ahead, right] = clocks.map((clock) => {
    const pause = new LoginPause('jean', clock);
    return () =>
      pause
        .around(memory, () =>
          Promise.reject(new LanceurError('LOGIN_REFUSED', { user: 'jean', why: 'wrong' })),
        )
        .catch((error: unknown) => (error as LanceurError).code);
  });
  expect(await ahead?.()).toBe('LOGIN_REFUSED');
  expect(await ahead?.()).toBe('LOGIN_PAUSED');
  expect(await right?.()).toBe('LOGIN_REFUSED');
  expect(await right?.()).toBe('LOGIN_PAUSED');
});
