import type { Headers } from './headers.js';

/** What a mail says of itself, as text; what it does not say is left out. */
export interface MailAttributes {
  readonly subject?: string;
  /** `Marie Dupont <marie@example.org>`. */
  readonly from?: string;
  readonly to?: string;
  /** ISO 8601, in UTC; as it came if it cannot be read. */
  readonly date?: string;
  readonly messageId?: string;
}

/** The most characters of one attribute. */
const LONGEST = 1000;

/** The attributes of a mail from its header, encoded words decoded, each in one line. */
export function attributesOf(headers: Headers): MailAttributes {
  const date = headers.text('date');
  const sent = date === undefined ? undefined : dateOf(date);
  return Object.fromEntries(
    Object.entries({
      subject: headers.text('subject'),
      from: headers.text('from'),
      to: headers.text('to'),
      date: sent?.toISOString() ?? date,
      messageId: headers.text('message-id'),
    })
      .filter(([, value]) => value !== undefined && value !== '')
      .map(([name, value]) => [name, (value ?? '').slice(0, LONGEST)]),
  );
}

/** The instant that a field Date names (RFC 5322, section 3.3), with or without its comment; `undefined` if it names none. */
export function dateOf(text: string): Date | undefined {
  const date = new Date(
    text
      .slice(0, 200)
      .replace(/\([^()]*\)/gu, ' ')
      .trim(),
  );
  return Number.isNaN(date.getTime()) ? undefined : date;
}
