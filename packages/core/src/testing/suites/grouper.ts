import assert from 'node:assert/strict';
import type { DocumentGroup, Grouper } from '../../contracts/grouper.js';
import type { Delivery } from '../../contracts/item.js';
import { safeNames } from '../../names.js';
import { deliveryOf, memoryDocument } from '../documents.js';
import type { SuiteCase } from '../suite.js';
import { AWKWARD_NAMES, deepFrozen } from './content.js';

export interface GrouperSubject {
  /** The grouper, made anew at each call with the same settings. */
  create(): Grouper;
  /** Deliveries of the kind that it is made for; at least one of which it takes a document. */
  readonly deliveries: readonly Delivery[];
  /**
   * Whether the job of a document follows from its name alone, so that `jobFor` and `group` agree on every delivery
   * that no expander has made. Default true.
   */
  readonly byName?: boolean;
}

/**
 * What every {@link Grouper} must do, as cases for any test runner.
 *
 * ```ts
 * const deliveries = [deliveryOf([memoryDocument('a.pdf', 'one')])];
 * for (const c of grouperSuite({ create: () => toJob('87'), deliveries })) test(c.name, c.run);
 * ```
 */
export function grouperSuite(subject: GrouperSubject): readonly SuiteCase[] {
  const awkward = deliveryOf(safeNames(AWKWARD_NAMES).map((name) => memoryDocument(name, name)));
  const deliveries = [...subject.deliveries, awkward, deliveryOf([])].map(deepFrozen);
  const cases: SuiteCase[] = [];
  const promise = (name: string, body: (grouper: Grouper) => void) => {
    const run = async () => {
      body(await Promise.resolve(subject.create()));
    };
    cases.push({ name, run });
  };
  const groupsOf = (grouper: Grouper) => deliveries.flatMap((delivery) => grouper.group(delivery));

  promise('it takes something', (grouper) => {
    assert.ok(subject.deliveries.some((delivery) => grouper.group(delivery).length > 0));
  });

  promise('the same delivery always makes the same groups', (grouper) => {
    const other = subject.create();
    for (const delivery of deliveries) {
      const first = plain(grouper.group(delivery));
      assert.deepEqual(plain(grouper.group(delivery)), first);
      assert.deepEqual(plain(other.group(delivery)), first);
    }
    for (const delivery of [...deliveries].reverse()) {
      assert.deepEqual(plain(grouper.group(delivery)), plain(other.group(delivery)));
    }
  });

  promise('it groups without touching the delivery, and without reading it', (grouper) => {
    for (const delivery of deliveries) {
      const closed = {
        ...delivery,
        documents: delivery.documents.map((document) => ({
          ...document,
          open: () => assert.fail('a grouper must not read'),
        })),
      };
      grouper.group(deepFrozen(closed));
    }
  });

  promise('every document is in one group at most, as it was delivered', (grouper) => {
    for (const delivery of deliveries) {
      const grouped = grouper.group(delivery).flatMap(({ documents }) => documents);
      assert.equal(new Set(grouped).size, grouped.length, 'a document would be sent twice');
      for (const document of grouped)
        assert.ok(delivery.documents.includes(document), 'a document was made up');
    }
  });

  promise('no group is empty, and none is without job', (grouper) => {
    for (const { key, job, documents } of groupsOf(grouper)) {
      assert.ok(documents.length > 0, `the group ${key} is empty`);
      assert.ok(job.length > 0, `the group ${key} has no job`);
    }
  });

  promise('the keys of a delivery are all different', (grouper) => {
    for (const delivery of deliveries) {
      const keys = grouper.group(delivery).map(({ key }) => key);
      assert.equal(new Set(keys).size, keys.length, 'two groups share a key');
    }
  });

  promise('`jobs` lists every job that it names, each once', (grouper) => {
    const { jobs } = grouper;
    if (jobs === undefined) return;
    assert.equal(new Set(jobs).size, jobs.length);
    const named = [
      ...groupsOf(grouper).map(({ job }) => job),
      ...deliveries.flatMap(({ documents }) =>
        documents.flatMap((document) => grouper.jobFor(document) ?? []),
      ),
    ];
    for (const job of named) assert.ok(jobs.includes(job), `${job} is not among its jobs`);
  });

  promise('its fingerprint is the same whenever it is made', (grouper) => {
    assert.equal(grouper.fingerprint, subject.create().fingerprint);
    assert.notEqual(grouper.fingerprint, '');
  });

  if (subject.byName !== false) {
    promise('what it says of a name before anything is opened is what it does afterwards', (grouper) => {
      for (const delivery of deliveries) {
        if (delivery.documents.some(({ group }) => group !== undefined)) continue;
        const groups = grouper.group(delivery);
        for (const document of delivery.documents) {
          const group = groups.find(({ documents }) => documents.includes(document));
          assert.equal(group?.job, grouper.jobFor({ name: document.name }), `of ${document.name}`);
        }
      }
    });
  }

  return cases;
}

function plain(groups: readonly DocumentGroup[]): unknown {
  return groups.map(({ key, job, documents }) => ({
    key,
    job,
    documents: documents.map(({ name }) => name),
  }));
}
