import type { MemoryFilter, Scope } from '../memories/memory-store.js';
import type { Moment } from '../memories/version.js';
import type { LlmAccount, TokenUsage } from '../spending.js';
import type { Asker } from '../writes/write.js';

/** The citation of the Nth hit of an answer, counted from 1. Stored answers hold this form and no other. */
export const citationMarker = (number: number): string => `[mem-${number}]`;
export const CITATION_MARKER = /\[mem-(\d+)\]/g;

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
  /** Whether the answer includes the memories and turns that it rests on. */
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
  /** How many more were found but did not fit into the prompt. Absent: none, or an older worker. */
  readonly leftOut?: number | undefined;
  readonly generation: {
    readonly provider: string;
    readonly model: string;
    readonly byoLlm: boolean;
    readonly llmCalls: number;
    readonly usage: TokenUsage;
  };
}

/** An asynchronous query: it gets a row, because 202 promises an answer. A synchronous query has none. */
export interface NewQuery {
  readonly id: string;
  readonly asker: Asker;
  readonly question: Question;
  readonly llmAccount: LlmAccount;
  readonly deadlineAt: Date;
  readonly requestId: string;
}

/** A query that one attempt of a worker owns. Later transitions are guarded by `run` and `attempt`. */
export interface QueryClaim {
  readonly id: string;
  readonly run: number;
  readonly attempt: number;
  readonly asker: Asker;
  readonly question: Question;
  readonly llmAccount: LlmAccount;
  readonly deadlineAt: Date;
}
