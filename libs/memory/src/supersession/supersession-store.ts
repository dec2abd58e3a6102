/** The classifier's explanation of its verdict on a pair. */
export interface Reasoning {
  readonly memoryId: string;
  readonly candidateId: string;
  readonly reasoning: string;
}

/** Reads of automatic supersession outside the transaction that stores a write's result. */
export abstract class SupersessionStore {
  /** Positions of the texts that a current memory of this account, tenant and source holds. They are not stored again. */
  abstract findDuplicates(
    place: {
      readonly accountId: string;
      readonly tenantId: string | null;
      readonly source: string;
    },
    texts: readonly string[],
  ): Promise<ReadonlySet<number>>;
  /** The explanations for these new memories. A pair has none if one of its memories was erased. */
  abstract findReasoning(
    accountId: string,
    memoryIds: readonly string[],
  ): Promise<readonly Reasoning[]>;
}
