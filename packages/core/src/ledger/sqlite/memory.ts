import type { SourceMemory } from '../../contracts/ledger.js';
import type { Connection } from './driver.js';
import { plain, unplain } from './plain.js';
import type { Writer } from './writer.js';

/** What a listener remembers, in the table `source_memory`. @param writer - throws once the ledger is closed. */
export function sqliteMemory(connection: Connection, source: string, writer: () => Writer): SourceMemory {
  const owner = plain(source);
  return {
    async read(keys) {
      const list = JSON.stringify(keys.map(plain));
      const rows = await writer().read(
        () =>
          connection.json(
            `SELECT json_group_array(json_array(m.key, m.value)) FROM json_each(?) AS j
              CROSS JOIN source_memory AS m ON m.source = ? AND m.key = j.value`,
            list,
            owner,
          ) as readonly (readonly [key: string, value: string])[],
      );
      return new Map(rows.map(([key, value]) => [unplain(key), unplain(value)]));
    },
    async write(entries) {
      const kept: (readonly [string, string])[] = [];
      const forgotten: string[] = [];
      for (const [key, value] of entries) {
        if (value === undefined) forgotten.push(plain(key));
        else kept.push([plain(key), plain(value)]);
      }
      await writer().alone(() => {
        connection.run(
          'DELETE FROM source_memory WHERE source = ? AND key IN (SELECT value FROM json_each(?))',
          owner,
          JSON.stringify(forgotten),
        );
        connection.run(
          `INSERT INTO source_memory SELECT ?, value ->> 0, value ->> 1 FROM json_each(?) WHERE true
            ON CONFLICT (source, key) DO UPDATE SET value = excluded.value`,
          owner,
          JSON.stringify(kept),
        );
      });
    },
  };
}
