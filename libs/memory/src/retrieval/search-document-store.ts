/** Search documents and folds of memories. Each is made when its memory is stored, in the form that this version had. */
export abstract class SearchDocumentStore {
  /**
   * Rebuilds some of the documents that an older version made.
   * @returns how many were rebuilt: documents of one account only, at most `limit`. 0 when none is left, or when all that
   * were looked at are locked.
   */
  abstract rebuildOutdated(limit: number): Promise<number>;
}
