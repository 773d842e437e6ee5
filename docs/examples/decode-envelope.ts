// An envelope by itself, without a launcher: what it is, what it holds, what is odd about it.
import { decodeEnvelope, type Envelope } from '@lanceur/adullact';

const [path = ''] = process.argv.slice(2);
const envelope = await decodeEnvelope(path);
try {
  console.log(`${envelope.type} ${envelope.kind}: ${titleOf(envelope)}`);
  for (const { name, role, size } of envelope.documents) console.log(`${role} ${name} ${String(size)}`);
  for (const { severity, message } of envelope.issues) console.log(`${severity}: ${message}`);
} finally {
  await envelope.close();
}

function titleOf({ type, kind, fields, name }: Envelope): string {
  if (type === 'chorus_fact') return fields.invoices.map(({ number = '?' }) => number).join(', ');
  if (kind === 'Acte' || (type === 'acte_nature' && kind === 'deposit')) return fields.act.subject ?? name;
  if (kind === 'PES_Aller') return fields.fileName ?? name;
  return name;
}
