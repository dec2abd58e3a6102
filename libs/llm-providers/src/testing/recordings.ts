import type { ProviderAnswer } from '@app/errors';

import type { LlmErrorCode } from '../errors/llm.error.js';
import type { Recording } from './wire-server.js';

/** The failures that every provider has, and every adapter must tell apart. */
export const OWED_FAILURES = [
  'a bad key',
  'no permission',
  'an unknown model',
  'a limited rate',
  'an exhausted quota',
  'a prompt that is too long',
  'a parameter it does not take',
  'filtered content',
  'an overloaded server',
] as const;

export interface FailureRecording extends Recording {
  readonly code: LlmErrorCode;
  readonly retryAfterMs?: number;
  /** The start of what the caller is shown. */
  readonly detail?: string;
  readonly provider?: Partial<ProviderAnswer>;
}

/** What one provider sends. A failure that is owed and not recorded does not compile. */
export interface Recordings {
  /** Says "Paris." at 12 tokens in, 5 out. */
  readonly completion: Recording;
  /** Carries `{"city":"Paris"}` in a tool call. */
  readonly toolCall: Recording;
  readonly cutOff: Recording;
  readonly refused: Recording;
  /** "Par", "is.", then how it ended, at 12 tokens in, 5 out. */
  readonly stream: Recording;
  /** The same, broken off before it said how it ended. */
  readonly cutStream: Recording;
  /** Begins, then says that the server is overloaded. */
  readonly failingStream: Recording;
  readonly failures: Readonly<Record<(typeof OWED_FAILURES)[number], FailureRecording>>;
  /** What only this provider, or servers like it, send. */
  readonly others: Readonly<Record<string, FailureRecording>>;
}
