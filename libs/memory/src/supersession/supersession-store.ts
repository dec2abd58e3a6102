/** What a classifier said of a pair, in words. */
export interface Reasoning {
  readonly memoryId: string;
  readonly candidateId: string;
  readonly reasoning: string;
}

/** What automatic supersession reads outside of a write's result transaction. */
export abstract class SupersessionStore {
  /** Which of these texts stand already in the given place, by their position: they will not be stored again. */
  abstract findDuplicates(
    place: {
      readonly accountId: string;
      readonly tenantId: string | null;
      readonly source: string;
    },
    texts: readonly string[],
  ): Promise<ReadonlySet<number>>;
  /** What was said of these new memories. Gone where either memory of a pair was erased. */
  abstract findReasoning(
    accountId: string,
    memoryIds: readonly string[],
  ): Promise<readonly Reasoning[]>;
}
