import { createHash } from 'node:crypto';

/**
 * The mark by which a mail is known again under another number (`ItemRef.same`): the server's own id for it
 * (EMAILID, RFC 8474), else its Message-ID with date and size, hashed, so that it stays short whatever they hold.
 * `undefined` for a mail without Message-ID: date and size alone would take two mails for one.
 */
export function markOf(mail: {
  readonly emailId?: string | undefined;
  readonly messageId?: string | undefined;
  /** The field Date, as it came. */
  readonly date?: string | undefined;
  /** Octets, as the server counts them. */
  readonly size?: number | undefined;
}): string | undefined {
  if (mail.emailId !== undefined && mail.emailId !== '') return `email:${shortened(mail.emailId)}`;
  const messageId = mail.messageId?.trim() ?? '';
  if (messageId === '') return undefined;
  return `mail:${hash([messageId, mail.date?.trim() ?? '', String(mail.size ?? '')])}`;
}

/** RFC 8474 allows 255 characters of a harmless alphabet; a server may not keep to it. */
function shortened(emailId: string): string {
  return /^[\w-]{1,255}$/u.test(emailId) ? emailId : hash([emailId]);
}

function hash(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);
}
