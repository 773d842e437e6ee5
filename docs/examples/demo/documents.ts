// What an administrator's drop folder holds on an ordinary morning.
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A small but whole PDF: header, body, end mark. */
export function pdf(text: string): string {
  return `%PDF-1.4\n1 0 obj\n<< /Title (${text}) >>\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n`;
}

/** The eight bytes of an empty little-endian TIFF directory, behind its header. */
const TIFF = Buffer.from([
  0x49, 0x49, 0x2a, 0x00, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
]);

export const UNFINISHED = 'scan-en-cours.pdf';
export const REWRITTEN = 'registre.pdf';

export async function fill(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const put = async (name: string, content: string | Buffer): Promise<void> => {
    await writeFile(join(folder, name), content);
  };
  await put('facture-2026-0117.pdf', pdf('Facture 117'));
  await put('facture-2026-0118.PDF', pdf('Facture 118'));
  await put('Délibération n° 12 – école élémentaire.pdf', pdf('Deliberation 12'));
  await put('plan-cadastral.TIF', TIFF);
  await put('Thumbs.db', 'not a document');
  await put('LISEZMOI', 'a file without extension');
  await put('budget.xlsx', 'an extension that no job takes');
  await put(REWRITTEN, pdf('Registre, version 1'));
  await put(UNFINISHED, '%PDF-1.4\n1 0 obj\n');
  // Windows itself refuses this name; a share served by Linux, or a scanner, does not.
  if (process.platform !== 'win32') await put('devis 3/4.pdf'.replace('/', ':'), pdf('Devis'));
}

/** A scanner that is not done with its page. */
export function scanOn(folder: string): AsyncDisposable {
  const timer = setInterval(() => void appendFile(join(folder, UNFINISHED), `${'0'.repeat(64)}\n`), 200);
  return {
    [Symbol.asyncDispose]() {
      clearInterval(timer);
      return Promise.resolve();
    },
  };
}
