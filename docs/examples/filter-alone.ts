// A filter is a call.
import { nameFilter } from '@lanceur/core';

const filter = nameFilter('/(?!brouillon).*\\.pdf$/i');
for (const name of ['facture.pdf', 'brouillon-1.pdf', 'SCAN.PDF', 'notes.txt']) {
  const decision = filter.decide({ name });
  console.log(name, decision.accepted ? 'accepted' : decision.reason.message);
}
