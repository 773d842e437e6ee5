import type { AdullactRow, Protocol, Row, SourceBlocks } from '@lanceur/core/scenario';
import { completeDeposit } from './completeness.js';
import { envelopes } from './expander.js';

/**
 * EzGED's protocol "Adullact", for `createLauncher`: envelopes of Actes, Helios and Chorus Pro that come through another
 * protocol of the host, a folder unless the row says `via`.
 */
export const adullactProtocol: Protocol<'adullact'> = {
  name: 'adullact',
  blocks(row, context) {
    const { invoices, refuse, ...deposit } = row.envelopes ?? {};
    const expand = envelopes({
      ...deposit,
      ...(invoices !== undefined && { invoices }),
      ...(refuse !== undefined && { refuse }),
    });
    const { listener } = sourceOf(row, (other) =>
      context.blocksOf(other, { whole: completeDeposit(deposit) }),
    );
    return { listener, expand };
  },
};

function sourceOf(
  { envelopes: _envelopes, ...row }: AdullactRow,
  blocksOf: (row: Row) => SourceBlocks,
): SourceBlocks {
  switch (row.via) {
    case 'imap': {
      const { via: _via, ...mailbox } = row;
      return blocksOf({ ...mailbox, protocol: 'imap' });
    }
    case 'pop': {
      const { via: _via, ...mailbox } = row;
      return blocksOf({ ...mailbox, protocol: 'pop' });
    }
    default: {
      const { via: _via, ...folder } = row;
      return blocksOf({ unit: 'entry', ...folder, protocol: 'directory' });
    }
  }
}
