import type { Failure } from '@app/errors';

import type { MemoryFilter, Scope } from '../memories/memory-store.js';
import type { Moment } from '../memories/version.js';
import type { Asker, LlmAccount } from '../writes/write.js';

/** A question, and the memories that it may be answered from. */
export interface Question {
  readonly question: string;
  readonly scope: Scope;
  readonly filter: MemoryFilter;
  readonly moment: Moment;
  /** Relative dates in the question are resolved against it. */
  readonly referenceDate: Date | null;
  /** How far the clocks that these times were read from are ahead of UTC. Absent: UTC, or an older gateway. */
  readonly offsetMinutes?:
    | {
        readonly referenceDate?: number | undefined;
        readonly asOf?: number | undefined;
        readonly transactionAsOf?: number | undefined;
      }
    | undefined;
  readonly limit: number;
  /** Whether the answer is to say what it rests on. */
  readonly includeProofTree: boolean;
}

/** An answer by reference: the gateway renders the memories that `hits` name. */
export interface Answer {
  /** With `[mem-N]` markers; N counts `hits` from 1. Every marker points to a hit. */
  readonly text: string;
  readonly grounded: boolean;
  readonly hits: readonly {
    readonly memoryId: string;
    readonly similarity: number;
    readonly cited: boolean;
  }[];
  readonly searched: number;
  /** How many more were found, and neither shown to the model nor to the caller for want of room. Absent: none, or an older worker. */
  readonly leftOut?: number | undefined;
  readonly generation: {
    readonly provider: string;
    readonly model: string;
    readonly byoLlm: boolean;
    readonly llmCalls: number;
    readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
  };
}

export interface NewQuery {
  readonly id: string;
  readonly asker: Asker;
  readonly question: Question;
  readonly llmAccount: LlmAccount;
  readonly deadlineAt: Date;
  readonly requestId: string;
}

export interface QueryClaim {
  readonly queryId: string;
  readonly run: number;
  readonly attempt: number;
  readonly asker: Asker;
  readonly question: Question;
  readonly llmAccount: LlmAccount;
  readonly deadlineAt: Date;
}

/** Asynchronous queries: rows, because a 202 is a promise. A synchronous query has none. */
export abstract class QueryStore {
  abstract accept(query: NewQuery): Promise<void>;
  abstract claim(queryId: string, run: number): Promise<QueryClaim | undefined>;
  abstract complete(claim: QueryClaim, answer: Answer): Promise<boolean>;
  abstract fail(claim: QueryClaim, failure: Failure): Promise<boolean>;
  abstract handBack(claim: QueryClaim): Promise<boolean>;
  abstract withdraw(queryId: string, failure: Failure): Promise<void>;
}
