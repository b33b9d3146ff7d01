const tails = new Map<string, Promise<void>>();

/**
 * Runs `work` after everything that was given before under the same key has ended, whatever came of it. For commands
 * that change files a whole repository shares.
 */
export function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
  const result = (tails.get(key) ?? Promise.resolve()).then(work);
  const tail = result.then(
    () => {},
    () => {},
  );
  tails.set(key, tail);
  void tail.then(() => {
    if (tails.get(key) === tail) tails.delete(key);
  });
  return result;
}
