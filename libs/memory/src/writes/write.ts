import type { Category } from '../memories/memory.js';
import type { SupersessionPolicy } from '../supersession/comparison.js';

/** One message of a caller. Its content is one text: tool calls, tool results and other parts are written into it. */
export interface Message {
  readonly role: 'user' | 'assistant' | 'system' | 'tool';
  readonly name: string | null;
  readonly at: Date | null;
  /** The UTC offset of `at`, in minutes. A model needs it to resolve words like "today". */
  readonly atOffsetMinutes?: number | undefined;
  readonly content: string;
  /** The content is empty, or only names parts without text, such as `[image]`. */
  readonly isTextless?: boolean | undefined;
}

/** The fields that a write gives to each of its memories. */
export interface WriteScope {
  readonly tenantId: string | null;
  readonly source: string;
  readonly sessionId: string | null;
  readonly externalId: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly validFrom: Date | null;
  readonly recordedAt: Date | null;
  /** The UTC offset of `recordedAt`, in minutes. */
  readonly recordedAtOffsetMinutes?: number | undefined;
  /** The rules of automatic supersession when the write was accepted. Null: new facts supersede none. */
  readonly supersession: SupersessionPolicy | null;
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

/** The messages of a write; none in content mode. */
export const messagesOf = (request: WriteRequest): readonly Message[] =>
  isContent(request) ? [] : request.messages;

/** True when a message has no text to find facts in. Older gateways do not set `isTextless`, so empty content counts too. */
export const isTextless = ({ isTextless: isMarked, content }: Message): boolean =>
  isMarked === true || content.trim() === '';

/** The account and the API key of a request. */
export interface Asker {
  readonly accountId: string;
  readonly apiKeyId: string;
}

/** A fact that a model found, not yet stored. `positions` are the messages that it came from, counted from 0. */
export interface CandidateFact {
  readonly text: string;
  readonly topic: string;
  readonly category: Category;
  readonly importance: number;
  /** A date that the fact itself states. */
  readonly validFrom: Date | null;
  readonly positions: readonly number[];
}
