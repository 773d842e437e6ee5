/** The same block, with other methods in the place of some of its own. */
export function but<T extends object>(block: T, instead: Partial<T>): T {
  return new Proxy(block, {
    get(target, key) {
      if (Object.hasOwn(instead, key)) return Reflect.get(instead, key) as unknown;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
