import type { LlmTarget } from '@app/caller-keys';

import type { LlmError } from './llm.error.js';
import type { Quirks } from './llm-provider.js';

/** A call that a host refused, as it was made. */
export interface RefusedCall {
  readonly target: Pick<LlmTarget, 'provider' | 'model'>;
  readonly quirks: Quirks;
  /** Whether an answer of a shape was asked for. Where none was, there is none to leave out. */
  readonly shaped: boolean;
  /** Whether the answer was asked for as a stream. */
  readonly streamed: boolean;
  /** The limit that the call named. */
  readonly maxOutputTokens: number;
  readonly promptBytes: number;
  /** No further call may follow: then the request is made as plain as it can be. */
  readonly isLast: boolean;
}

export interface Step {
  /** What the next call does otherwise. */
  readonly change: Partial<Quirks>;
  /** What of it is worth remembering for later calls to this host and model. */
  readonly learned: Partial<Quirks>;
}

/** One thing that a call can do otherwise; undefined where the refusal is about something else. */
export type Rung = (refusal: LlmError, call: RefusedCall) => Step | undefined;

/** A step that every later call takes as well. */
export const lasting = (change: Partial<Quirks>): Step => ({ change, learned: change });

/** Words of a host that does not know a parameter, or does not take what it was given. */
export const REFUSED =
  /\bnot\b|n['’]t\b|\bonly\b|\bno\b|\bmust\b|\bshould\b|unsupported|unknown|unexpected|unrecogni[sz]ed|invalid|illegal|cannot|disallow|forbid|extra[_ ]|unavailable|disabled|requires?\b|fail|不|无效|無效|未知|nicht|ungültig|unbekannt|inconnu|desconocid/i;
