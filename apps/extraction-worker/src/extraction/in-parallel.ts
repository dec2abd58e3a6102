/**
 * Maps with at most so many at once, in order. The first failure aborts what is under way and begins nothing more:
 * what would be thrown away is not paid for.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal,
): Promise<readonly Result[]> {
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const results: Result[] = [];
  const waiting = items.entries();
  const takeTurns = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      stop.throwIfAborted();
      results[index] = await work(item, stop);
    }
  };
  const turns = Array.from({ length: Math.min(most, items.length) }, () => takeTurns());
  try {
    await Promise.all(turns);
  } catch (error) {
    failed.abort();
    await Promise.allSettled(turns);
    throw error;
  }
  return results;
}
