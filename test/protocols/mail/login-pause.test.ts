import { virtualClock } from '@lanceur/core/testing';
import { expect, test } from 'vitest';
import { LoginPause } from '../../../packages/protocols/dist/mail/login-pause.js';
import { memoryOfObject } from '../../../packages/protocols/dist/memory-of-object.js';

test('a pause is over where the clock was years ahead when it began', async () => {
  const memory = memoryOfObject();
  const ahead = new LoginPause('jean', virtualClock(Date.parse('2036-11-30T00:00:00Z')));
  const right = new LoginPause('jean', virtualClock(Date.parse('2026-11-30T00:00:00Z')));
  for (let times = 0; times < 10; times++) await ahead.refused(memory, 'wrong');
  await expect(ahead.expectAllowed(memory)).rejects.toMatchObject({ code: 'LOGIN_PAUSED' });
  await right.expectAllowed(memory);

  await right.refused(memory, 'wrong');
  await expect(right.expectAllowed(memory)).rejects.toMatchObject({ code: 'LOGIN_PAUSED' });
});
