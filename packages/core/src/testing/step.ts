/**
 * Called before and after each effect of a double, as `before settle` and `after settle`. A simulation crashes an
 * actor by never resolving, and freezes it by resolving late: a process dies between its effects, not in them.
 */
export type Step = (name: string) => Promise<void>;

/** `act`, with a step on either side. */
export async function effect<T>(step: Step | undefined, name: string, act: () => T): Promise<T> {
  await step?.(`before ${name}`);
  const result = act();
  await step?.(`after ${name}`);
  return result;
}
