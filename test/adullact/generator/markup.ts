type Attributes = Readonly<Record<string, string | undefined>>;
export type Content = string | undefined | readonly Content[];

/** An element with its attributes, and content that is markup already. */
export function tag(name: string, attributes: Attributes, ...content: readonly Content[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escaped(value ?? '')}"`);
  const inner = flat(content);
  return inner === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${inner}</${name}>`;
}

/** An element with text; none where there is no text. */
export function text(name: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : tag(name, {}, escaped(value));
}

/** An element of a PES, with its value in `V`; none where there is no value. */
export function v(name: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : tag(name, { V: value });
}

export function escaped(value: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return value.replace(/[&<>"']/gu, (c) => entities[c] ?? c);
}

function flat(content: readonly Content[]): string {
  return content.map((one) => (typeof one === 'string' ? one : one === undefined ? '' : flat(one))).join('');
}
