/** What memories are searched by, and how duplicates are known: made when they are stored, in the form of that day. */
export abstract class SearchDocumentStore {
  /**
   * Makes some of those anew that an older version made.
   * @returns how many; fewer than `limit` where hardly any are left.
   */
  abstract rebuildOutdated(limit: number): Promise<number>;
}
