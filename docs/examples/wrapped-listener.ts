// A listener of the library, changed: `facture.pdf` becomes `mairie-facture.pdf`, wherever it comes from.
import { wrapListener, type DocumentInfo, type Listener } from '@lanceur/core';

/** The filter, the grouper and the COLD see the new names. */
export function prefixed(inner: Listener, prefix: string): Listener {
  const renamed = <T extends DocumentInfo>(document: T): T => ({
    ...document,
    name: `${prefix}${document.name}`,
  });
  return wrapListener(inner, (session) => ({
    async *list() {
      for await (const { documents, ...ref } of session.list())
        yield documents === undefined ? ref : { ...ref, documents: documents.map(renamed) };
    },
    async open(ref, wants, options) {
      const wanted = wants && ((document: DocumentInfo) => wants(renamed(document)));
      const delivery = await session.open(ref, wanted, options);
      return {
        ref,
        documents: delivery.documents.map((document) => ({
          ...renamed(document),
          open: () => document.open(),
        })),
        attributes: { ...delivery.attributes, prefix },
        [Symbol.asyncDispose]: () => delivery[Symbol.asyncDispose](),
      };
    },
  }));
}
