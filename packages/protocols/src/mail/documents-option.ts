import { refuseUnknownOptions } from '@lanceur/core';
import { invalid } from '../invalid.js';
import type { MailDocuments } from './choose.js';

const DOCUMENTS: readonly (keyof MailDocuments)[] = [
  'attachments',
  'message',
  'body',
  'inlineAbove',
  'attached',
  'winmail',
];

/** @throws LanceurError `INVALID_OPTION`, `UNKNOWN_OPTION`. */
export function documentsOf(documents: MailDocuments = {}): MailDocuments {
  refuseUnknownOptions('documents', documents, DOCUMENTS);
  const { inlineAbove, ...switches } = documents;
  for (const [option, value] of Object.entries(switches) as readonly (readonly [string, unknown])[]) {
    if (value !== undefined && typeof value !== 'boolean')
      throw invalid(`documents.${option}`, 'true or false', value);
  }
  if (inlineAbove !== undefined && !(typeof inlineAbove === 'number' && inlineAbove >= 0))
    throw invalid('documents.inlineAbove', 'a number of bytes', inlineAbove);
  const { attachments = true, message = false, body = false, attached = false } = documents;
  if (!attachments && !message && !body && !attached && inlineAbove === undefined)
    throw invalid('documents', 'at least one kind of document', documents);
  return documents;
}
