/**
 * The name of a start tag, with its prefix, and the namespace that the tag itself gives it; `''` if it gives none. A
 * root has nowhere else to get it from.
 */
export function namespaceIn(tag: Buffer): { readonly name: string; readonly namespace: string } {
  const text = tag.toString('latin1');
  const name = /^<([^\s/>]+)/u.exec(text)?.[1] ?? '';
  const colon = name.indexOf(':');
  const declares = colon === -1 ? 'xmlns' : `xmlns:${name.slice(0, colon)}`;
  for (const [, attribute, , value = ''] of text.matchAll(/\s([^\s=]+)\s*=\s*(["'])(.*?)\2/gsu)) {
    if (attribute === declares) return { name, namespace: value.trim() };
  }
  return { name, namespace: '' };
}
