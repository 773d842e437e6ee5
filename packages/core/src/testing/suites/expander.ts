import assert from 'node:assert/strict';
import type { Expander } from '../../contracts/expander.js';
import type { Delivery } from '../../contracts/item.js';
import { LanceurError } from '../../errors.js';
import { folded, safeName } from '../../names.js';
import { contentOf } from '../documents.js';
import type { SuiteCase } from '../suite.js';

/** A private folder for one expansion. */
export interface ExpanderFolder {
  readonly path: string;
  dispose(): Promise<void>;
}

export interface ExpanderSubject {
  /** The expander, made anew at each call with the same settings. */
  create(): Expander;
  /** Deliveries that it expands, made anew at each call. At least one. */
  packed(): readonly Delivery[];
  /** A delivery in which there is nothing to expand, made anew at each call. */
  plain(): Delivery;
  /** Deliveries that look as if they could be expanded, and cannot. */
  broken?(): readonly Delivery[];
  /** A new empty folder, where the expander needs one. */
  folder?(): Promise<ExpanderFolder>;
}

/**
 * What every {@link Expander} must do, as cases for any test runner.
 *
 * ```ts
 * for (const c of expanderSuite({ create: envelopes, packed, plain })) test(c.name, c.run);
 * ```
 */
export function expanderSuite(subject: ExpanderSubject): readonly SuiteCase[] {
  const cases: SuiteCase[] = [];

  /** Expands with a folder of its own; `use` sees the outcome before it is disposed of. */
  const expanded = async <T>(
    delivery: Delivery,
    use: (result: Delivery) => Promise<T>,
    signal?: AbortSignal,
  ) => {
    const folder = await subject.folder?.();
    try {
      const result = await subject
        .create()
        .expand(delivery, { ...(folder && { folder: folder.path }), ...(signal && { signal }) });
      try {
        return await use(result);
      } finally {
        await result[Symbol.asyncDispose]();
      }
    } finally {
      await folder?.dispose();
    }
  };
  const promise = (name: string, body: () => Promise<void>) => {
    const run = async () => {
      await body();
    };
    cases.push({ name, run });
  };
  const forEach = async (use: (result: Delivery, original: Delivery) => Promise<void>) => {
    const deliveries = subject.packed();
    assert.ok(deliveries.length > 0, 'the subject has nothing to expand');
    for (const original of deliveries) await expanded(original, (result) => use(result, original));
  };

  promise('where there is nothing to expand, the delivery stays the one that it is', async () => {
    const delivery = subject.plain();
    await expanded(delivery, (result) => {
      assert.equal(result, delivery);
      return Promise.resolve();
    });
  });

  promise('it expands what it is made for', () =>
    forEach((result, original) => {
      assert.notEqual(result, original);
      assert.ok(result.documents.length > 0, 'nothing came out');
      return Promise.resolve();
    }),
  );

  promise('the item and what its source knows of it stay', () =>
    forEach((result, original) => {
      assert.deepEqual(result.ref, original.ref);
      for (const [name, value] of Object.entries(original.attributes)) {
        assert.equal(result.attributes[name], value, `of the attribute ${name}`);
      }
      return Promise.resolve();
    }),
  );

  promise("every document's name is safe, and unique without regard to case", () =>
    forEach((result) => {
      for (const { name } of result.documents) assert.equal(name, safeName(name));
      const distinct = new Set(result.documents.map(({ name }) => folded(name)));
      assert.equal(distinct.size, result.documents.length, 'two documents share a name');
      return Promise.resolve();
    }),
  );

  promise('every document that comes out can be read, several times and at once', () =>
    forEach(async (result) => {
      for (const document of result.documents) {
        const [one, two] = await Promise.all([contentOf(document), contentOf(document)]);
        assert.ok(one.equals(two), `${document.name} reads differently the second time`);
        assert.ok(one.equals(await contentOf(document)));
        assert.equal(document.size ?? one.length, one.length, `${document.name} announces another size`);
      }
    }),
  );

  promise('the same delivery always expands to the same documents', async () => {
    const look = () => Promise.all(subject.packed().map((delivery) => expanded(delivery, summary)));
    assert.deepEqual(await look(), await look());
  });

  promise('disposing of what came out disposes of what went in, and may be done twice', async () => {
    for (const original of subject.packed()) {
      const calls: string[] = [];
      const watched: Delivery = {
        ...original,
        async [Symbol.asyncDispose]() {
          calls.push('dispose');
          await original[Symbol.asyncDispose]();
        },
      };
      await expanded(watched, async (result) => {
        assert.deepEqual(calls, [], 'it was disposed of too early');
        await result[Symbol.asyncDispose]();
        assert.ok(calls.length > 0, 'the original is still open');
      });
    }
  });

  promise('its fingerprint is the same whenever it is made', () => {
    assert.equal(subject.create().fingerprint, subject.create().fingerprint);
    assert.notEqual(subject.create().fingerprint, '');
    return Promise.resolve();
  });

  promise('an aborted expansion rejects with ABORTED', async () => {
    for (const delivery of subject.packed()) {
      const expansion = expanded(delivery, () => Promise.resolve(), AbortSignal.abort());
      await assert.rejects(expansion, (error: unknown) => LanceurError.is(error, 'ABORTED'));
    }
  });

  const { broken } = subject;
  if (broken !== undefined) {
    promise('what cannot be expanded is an error of the document', async () => {
      for (const delivery of broken.call(subject)) {
        const expansion = expanded(delivery, (result) => Promise.all(result.documents.map(contentOf)));
        await assert.rejects(
          expansion,
          (error: unknown) => LanceurError.is(error) && error.scope === 'document',
        );
      }
    });
  }

  return cases;
}

async function summary({ documents }: Delivery): Promise<unknown> {
  return Promise.all(
    documents.map(async (document) => ({
      name: document.name,
      group: document.group,
      content: (await contentOf(document)).toString('base64'),
    })),
  );
}
