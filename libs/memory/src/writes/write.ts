import type { Category, Extraction } from '../memories/memory.js';
import type { Comparison } from '../supersession/comparison.js';

/** One message of a caller, its text as it is kept: tool calls, tool results and other parts are written into it. */
export interface Message {
  readonly role: 'user' | 'assistant' | 'system' | 'tool';
  readonly name: string | null;
  readonly at: Date | null;
  /** How far the clock that `at` was read from is ahead of UTC: models count "today" by it. */
  readonly atOffsetMinutes?: number | undefined;
  readonly content: string;
  /** The content is empty, or only names parts that are no text, such as `[image]`. */
  readonly isTextless?: boolean | undefined;
}

/** The fields that both kinds of write give to each of their memories. */
export interface WriteScope {
  readonly tenantId: string | null;
  readonly source: string;
  readonly sessionId: string | null;
  readonly externalId: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly validFrom: Date | null;
  readonly recordedAt: Date | null;
  /** Of the clock that `recordedAt` was read from. */
  readonly recordedAtOffsetMinutes?: number | undefined;
  /** The rules of automatic supersession when the write was accepted. Null: new facts supersede none. */
  readonly supersession: SupersessionPolicy | null;
}

/** The rules of automatic supersession. */
export interface SupersessionPolicy {
  /** Categories, or topics by their folded form, in which nothing is superseded by a model. */
  readonly excludedCategories: readonly string[];
  /** The floor: a verdict below it changes nothing. 0 to 1. */
  readonly minConfidence: number;
  readonly classifierModel: string;
  /** The account that pays for classification when the caller brought a model. */
  readonly classifierAccount: LlmAccount;
}

export interface ContentWrite extends WriteScope {
  readonly content: string;
  readonly topic: string;
  readonly category: Category;
  readonly importance: number;
}

export interface MessagesWrite extends WriteScope {
  readonly messages: readonly Message[];
  /** Extract and return facts without storing them. */
  readonly dryRun: boolean;
}

export type WriteRequest = ContentWrite | MessagesWrite;

export const isContent = (request: WriteRequest): request is ContentWrite => 'content' in request;

/** A content write has none. */
export const messagesOf = (request: WriteRequest): readonly Message[] =>
  isContent(request) ? [] : request.messages;

/** A message without text to find facts in. Older gateways do not mark any, so empty content counts too. */
export const isTextless = ({ isTextless: isMarked, content }: Message): boolean =>
  isMarked === true || content.trim() === '';

/** The model account that a job uses. `caller`: the one sealed into the job, and no other. */
export type LlmAccount = 'caller' | 'bundled';

/** The account and the API key of a request. */
export interface Asker {
  readonly accountId: string;
  readonly apiKeyId: string;
}

/** A fact that a model found, ready to be stored. `positions` are the messages it came from, counted from 0. */
export interface CandidateFact {
  readonly text: string;
  readonly topic: string;
  readonly category: Category;
  readonly importance: number;
  /** A date that the fact itself states. */
  readonly validFrom: Date | null;
  readonly positions: readonly number[];
}

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
  /** The provider that the row names, if the caller brought a model. Compared with the envelope; it is never called. */
  readonly callersProvider: string | null;
  readonly deadlineAt: Date;
}

/** The cost of a write's model calls on one account: extraction and classification together. */
export interface OwnersSpending {
  readonly owner: LlmAccount;
  readonly llmCalls: number;
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
}

/** The result of an extraction, to be stored in one transaction. */
export interface ExtractedFacts {
  readonly facts: readonly CandidateFact[];
  /** Null in content mode: the fact is the caller's own text. */
  readonly extraction: Extraction | null;
  /** Of the extraction alone; `spent` includes classification. */
  readonly llmCalls: number;
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number };
  /** At most one entry for each owner. */
  readonly spent: readonly OwnersSpending[];
  /** One for each fact, in their order. A fact without one was not compared. */
  readonly comparisons: readonly Comparison[];
  /** The model's reason for finding nothing. */
  readonly note: string | null;
}

/** Content that is stored without a worker. */
export interface RememberedWrite extends Pick<
  NewWrite,
  'id' | 'asker' | 'writesPerMonth' | 'requestId'
> {
  readonly request: ContentWrite;
}

/** The result of such a write. `duplicate`: an identical fact is current already; `memoryId` is that one. */
export interface Remembered {
  readonly writeId: string;
  readonly status: 'saved' | 'duplicate';
  readonly memoryId: string;
}
