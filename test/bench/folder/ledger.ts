import { sqliteLedger } from '@lanceur/core/sqlite';

/** The digest of each document that a ledger knows as handed over, by its name. */
export async function digestsIn(path: string): Promise<ReadonlyMap<string, string>> {
  const ledger = await sqliteLedger({ path });
  const digests = new Map<string, string>();
  for await (const { submissions = [] } of ledger.find({})) {
    for (const { receipt } of submissions) {
      for (const { name, sha256 } of receipt?.documents ?? []) digests.set(name, sha256);
    }
  }
  await ledger.close();
  return digests;
}
