import type { LlmTarget } from '@app/caller-keys';

import type { LlmError } from '../errors/llm.error.js';
import type { Quirks } from '../llm-provider.js';
import type { ApiFeatures } from '../provider-definition.js';

/** A call that a host refused, as it was made. */
export interface RefusedCall {
  readonly target: Pick<LlmTarget, 'model'>;
  readonly features: ApiFeatures;
  readonly quirks: Quirks;
  /** Whether an answer of a shape was requested. */
  readonly shaped: boolean;
  /** Whether the answer was requested as a stream. */
  readonly streamed: boolean;
  /** The limit that the call sent. */
  readonly maxOutputTokens: number;
  readonly promptBytes: number;
  /** Only one more call may follow, so it is made as plain as possible. */
  readonly isLast: boolean;
}

export interface Step {
  /** The quirks that change for the next call. */
  readonly change: Partial<Quirks>;
  /** The part of the change that is stored for later calls to this host and model. */
  readonly learned: Partial<Quirks>;
}

/** Returns one change that may satisfy the host; undefined if the refusal is about something else. */
export type Rung = (refusal: LlmError, call: RefusedCall) => Step | undefined;

/** A step whose change is also stored for later calls. */
export const learnedStep = (change: Partial<Quirks>): Step => ({ change, learned: change });

/** Words of a host that does not know a parameter or rejects its value. */
export const REFUSED =
  /\bnot\b|n['’]t\b|\bonly\b|\bno\b|\bmust\b|\bshould\b|unsupported|unknown|unexpected|unrecogni[sz]ed|invalid|illegal|cannot|disallow|forbid|extra[_ ]|unavailable|disabled|requires?\b|fail|不|无效|無效|未知|nicht|ungültig|unbekannt|inconnu|desconocid/i;
