// What docs/testing.md shows, under node:test: every suite, on the doubles.
import test from 'node:test';
import { toJob } from '@lanceur/core';
import {
  deliveryOf,
  grouperSuite,
  listenerSuite,
  memoryCold,
  memoryDocument,
  memoryListener,
  submitterSuite,
} from '@lanceur/core/testing';

const listeners = listenerSuite({
  without: ['change', 'changeUnnoticed', 'remove', 'putSeveral', 'putUnready', 'restore'],
  create: async () => {
    const listener = memoryListener();
    return {
      listener,
      again: async () => listener.seenBy(),
      put: async (name, content) => void listener.put({ name, content }),
      read: async (name) => listener.items.find((item) => item.name === name)?.documents[0].bytes,
      dispose: async () => undefined,
    };
  },
});

const submitters = submitterSuite({
  without: ['outage', 'eat'],
  create: async () => {
    const cold = memoryCold();
    return {
      submitter: cold,
      job: '87',
      again: async () => cold.seenBy(),
      read: async () => cold.waiting,
      dispose: async () => undefined,
    };
  },
});

const groupers = grouperSuite({
  create: () => toJob('87'),
  deliveries: [deliveryOf([memoryDocument('a.pdf', 'one')])],
});

for (const c of [...listeners, ...submitters, ...groupers]) test(c.name, c.run);
