/**
 * An element as it was read: its name and its attributes' names without their prefix, its text as it stands (the
 * entities resolved). Where an attachment was, the text is its number, counted from 0.
 */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Its own text, without its children's. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** The first child of that name, or the one at the end of a path of names. */
export function child(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  let at = element;
  for (const name of path) at = at?.children.find((c) => c.name === name);
  return at;
}

/** All children of that name. */
export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((c) => c.name === name) ?? [];
}

/** An attribute, without blanks around it; `undefined` if it is empty or not there. */
export function attributeOf(element: XmlElement | undefined, name: string): string | undefined {
  if (element === undefined || !Object.hasOwn(element.attributes, name)) return undefined;
  return filled(element.attributes[name]);
}

/** The text of an element, or of the one at the end of a path of names; `undefined` if it is empty or not there. */
export function textOf(element: XmlElement | undefined, ...path: readonly string[]): string | undefined {
  return filled(child(element, ...path)?.text);
}

/** The first text that one of them has, at the end of a path of names. */
export function firstText(elements: readonly XmlElement[], ...path: readonly string[]): string | undefined {
  for (const element of elements) {
    const text = textOf(element, ...path);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** All elements within it, however deep, that are looked for, in the order of the file. How deep it is has been looked at. */
export function descendants(
  element: XmlElement,
  wanted: (inner: XmlElement) => boolean,
): readonly XmlElement[] {
  const found: XmlElement[] = [];
  const walk = ({ children }: XmlElement): void => {
    for (const inner of children) {
      if (wanted(inner)) found.push(inner);
      walk(inner);
    }
  };
  walk(element);
  return found;
}

function filled(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === '' ? undefined : trimmed;
}

/** An object without its undefined properties. */
export function present<T extends object>(values: { readonly [K in keyof T]: T[K] | undefined }): T {
  // A PES has hundreds of thousands of fields: no list is made of them.
  const filled: Partial<T> = {};
  for (const name in values) if (values[name] !== undefined) filled[name] = values[name];
  return filled as T;
}
