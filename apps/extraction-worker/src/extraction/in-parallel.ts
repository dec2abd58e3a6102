/**
 * Maps items with at most `limit` calls at once. The results keep the order of the items. After the first failure the running
 * calls are aborted and no others start, because their results would be paid for and thrown away.
 */
export async function mapInParallel<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal,
): Promise<readonly Result[]> {
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const results: Result[] = [];
  const waiting = items.entries();
  const mapWaiting = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      stop.throwIfAborted();
      results[index] = await work(item, stop);
    }
  };
  const workers = Array.from({ length: Math.min(limit, items.length) }, () => mapWaiting());
  try {
    await Promise.all(workers);
  } catch (error) {
    failed.abort();
    await Promise.allSettled(workers);
    throw error;
  }
  return results;
}
