import { randomUUID } from 'node:crypto';

export interface ComposedMail {
  readonly subject?: string;
  /** With its angle brackets. Default: one of its own; `''` = none. */
  readonly messageId?: string;
  readonly date?: Date;
  readonly text?: string;
  readonly attachments?: readonly {
    readonly name: string;
    readonly content: Uint8Array;
    readonly type?: string;
  }[];
  /** Further header lines, without line ends. */
  readonly headers?: readonly string[];
}

/** A mail as common programs write it: a text and its attachments in base64, lines with CR LF. */
export function compose(mail: ComposedMail = {}): Buffer {
  const {
    subject = 'Facture',
    messageId = `<${randomUUID()}@example.org>`,
    date = new Date(),
    text = 'Bonjour.',
  } = mail;
  const boundary = `=_${randomUUID()}`;
  const lines = [
    'From: Marie Dupont <marie@example.org>',
    'To: jean@example.org',
    `Subject: ${encoded(subject)}`,
    `Date: ${date.toUTCString().replace('GMT', '+0000')}`,
    ...(messageId === '' ? [] : [`Message-ID: ${messageId}`]),
    ...(mail.headers ?? []),
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=utf-8',
    '',
    text,
  ];
  const pieces: Buffer[] = [Buffer.from(lines.join('\r\n'))];
  for (const { name, content, type = 'application/pdf' } of mail.attachments ?? []) {
    const header = [
      '',
      `--${boundary}`,
      `Content-Type: ${type}`,
      `Content-Disposition: attachment; ${fileName(name)}`,
      'Content-Transfer-Encoding: base64',
      '',
      '',
    ];
    pieces.push(Buffer.from(header.join('\r\n')), base64Lines(content));
  }
  pieces.push(Buffer.from(`\r\n--${boundary}--\r\n`));
  return Buffer.concat(pieces);
}

function encoded(text: string): string {
  return /^[\x20-\x7e]*$/u.test(text) ? text : `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
}

function fileName(name: string): string {
  if (/^[\x20-\x7e]*$/u.test(name)) return `filename="${name.replace(/["\\]/gu, '\\$&')}"`;
  return `filename*=utf-8''${encodeURIComponent(name).replace(/[!'()*]/gu, (c) => `%${c.charCodeAt(0).toString(16)}`)}`;
}

function base64Lines(content: Uint8Array): Buffer {
  const LINE = 57;
  const lines: string[] = [];
  for (let at = 0; at < content.length; at += LINE) {
    lines.push(Buffer.from(content.subarray(at, at + LINE)).toString('base64'));
  }
  return Buffer.from(lines.join('\r\n'));
}
