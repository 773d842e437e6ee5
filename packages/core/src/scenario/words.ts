/** The same in English and in French: whoever edits a scenario reads what is wrong with it in either. */
export interface Words {
  readonly en: string;
  readonly fr: string;
}

export function words(en: string, fr: string): Words {
  return { en, fr };
}

/** What needs no translation: a name, a value. */
export function both(text: string): Words {
  return { en: text, fr: text };
}

/** `a, b or c`. */
export function oneOfThem(names: readonly string[]): Words {
  const last = names.at(-1) ?? '';
  const others = names.slice(0, -1).join(', ');
  return others === '' ? both(last) : words(`${others} or ${last}`, `${others} ou ${last}`);
}
