import type { Extraction } from '../memories/memory.js';
import type { Comparison } from '../supersession/comparison.js';
import type { AccountSpending, LlmAccount, TokenUsage } from '../spending.js';
import type { Asker, CandidateFact, ContentWrite, WriteRequest } from './write.js';

/** A write that is accepted for a worker to run. The request is without the caller's key. */
export interface NewWrite {
  readonly id: string;
  readonly asker: Asker;
  readonly request: WriteRequest;
  /** The quota of the account. Null: without limit. */
  readonly writesPerMonth: number | null;
  readonly llmAccount: LlmAccount;
  /** For audit only: the worker calls the target in the sealed envelope. */
  readonly audit: {
    readonly provider: string;
    readonly model: string;
    readonly baseUrlHost: string | null;
  } | null;
  /** True while the caller waits for the result in the same call: then a failure is final at once. */
  readonly waiting: boolean;
  readonly deadlineAt: Date;
  readonly requestId: string;
}

/** A write that one attempt of a worker owns. Later transitions are guarded by `run` and `attempt`. */
export interface WriteClaim {
  readonly id: string;
  readonly run: number;
  readonly attempt: number;
  readonly asker: Asker;
  readonly request: WriteRequest;
  readonly llmAccount: LlmAccount;
  /** The caller's provider by the row; null: no `llm`. It decides who classifies content; calls go to the target in the envelope. */
  readonly callersProvider: string | null;
  readonly deadlineAt: Date;
}

/** The result of an extraction, to be stored in one transaction. */
export interface ExtractedFacts {
  readonly facts: readonly CandidateFact[];
  /** Null in content mode: the fact is the caller's own text. */
  readonly extraction: Extraction | null;
  /** The calls of the extraction alone; `spent` includes classification. */
  readonly llmCalls: number;
  readonly usage: TokenUsage;
  /** At most one entry for each owner. */
  readonly spent: readonly AccountSpending[];
  /** In the order of the facts. A fact without a comparison was not compared. */
  readonly comparisons: readonly Comparison[];
  /** Why there are no facts, or how many facts were left out or stored in parts. Null: all are stored as the model gave them. */
  readonly note: string | null;
}

/** Content that is stored without a worker. */
export interface RememberedWrite extends Pick<
  NewWrite,
  'id' | 'asker' | 'writesPerMonth' | 'requestId'
> {
  readonly request: ContentWrite;
}

/** The result of a content write. `duplicate`: a current memory already holds the fact, and `memoryId` is its id. */
export interface Remembered {
  readonly writeId: string;
  readonly status: 'saved' | 'duplicate';
  readonly memoryId: string;
}
