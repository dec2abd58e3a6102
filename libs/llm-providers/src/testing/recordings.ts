import type { ProviderAnswer } from '@app/errors';

import type { LlmErrorCode } from '../errors/llm.error.js';
import type { Recording } from './wire-server.js';

/** The failures that every provider has and every adapter must distinguish. */
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
  /** A part of the message that the caller sees. */
  readonly detail?: string;
  readonly provider?: Partial<ProviderAnswer>;
}

/** The recorded answers of one provider. A missing failure does not compile. */
export interface Recordings {
  /** The text "Paris.", with 12 input tokens and 5 output tokens. */
  readonly completion: Recording;
  /** Carries `{"city":"Paris"}` in a tool call. */
  readonly toolCall: Recording;
  readonly cutOff: Recording;
  readonly refused: Recording;
  /** "Par", "is.", then the stop reason, with 12 input tokens and 5 output tokens. */
  readonly stream: Recording;
  /** "Par", then the end of the body, without a stop reason. */
  readonly cutStream: Recording;
  /** The beginning of a stream, then an error event that becomes `llm_unavailable`. */
  readonly failingStream: Recording;
  readonly failures: Readonly<Record<(typeof OWED_FAILURES)[number], FailureRecording>>;
  /** Failures of only this provider or of compatible servers. */
  readonly others: Readonly<Record<string, FailureRecording>>;
}
