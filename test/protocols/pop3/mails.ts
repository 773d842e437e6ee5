import { createHash } from 'node:crypto';

export interface Attachment {
  readonly name: string;
  readonly content: Uint8Array | string;
  readonly type?: string;
}

/** A mail with a text and these attachments, as a mail program writes it; CR LF throughout. */
export function mailWith(
  subject: string,
  attachments: readonly Attachment[],
  extra: readonly string[] = [],
): string {
  const parts = attachments.map(({ name, content, type = 'application/octet-stream' }) =>
    [
      `Content-Type: ${type}`,
      'Content-Transfer-Encoding: base64',
      `Content-Disposition: attachment; filename*=utf-8''${encodeURIComponent(name)}`,
      '',
      Buffer.from(content as string)
        .toString('base64')
        .replace(/.{76}(?=.)/gu, '$&\r\n'),
      '',
    ].join('\r\n'),
  );
  return [
    `Subject: =?utf-8?B?${Buffer.from(subject).toString('base64')}?=`,
    'From: Marie <marie@example.org>',
    'To: mairie@example.org',
    'Date: Tue, 24 Nov 2026 08:15:00 +0100',
    `Message-ID: <${createHash('sha1').update(subject).digest('hex')}@example.org>`,
    ...extra,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="=-lanceur"',
    '',
    '--=-lanceur',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Bonjour,',
    '.',
    '..deux points',
    '',
    ...parts.map((part) => `--=-lanceur\r\n${part}`),
    '--=-lanceur--',
    '',
  ].join('\r\n');
}
