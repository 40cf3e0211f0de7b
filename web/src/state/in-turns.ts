/** Many calls, some at a time. */

/** Calls for each item, no more than `atOnce` at a time. */
export async function inTurns<T>(
  items: readonly T[],
  atOnce: number,
  call: (item: T) => Promise<unknown>,
): Promise<void> {
  const rest = items.values();
  const turn = async (): Promise<void> => {
    for (const item of rest) await call(item);
  };
  await Promise.all(Array.from({ length: atOnce }, turn));
}
