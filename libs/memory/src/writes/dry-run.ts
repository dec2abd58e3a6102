import type { CandidateFact, Message, WriteScope } from './write.js';

/** A message that a fact of a dry run cites. */
export interface CitedMessage extends Message {
  readonly position: number;
}

/** A fact as it would have been stored: `validFrom` is decided. */
export interface DryFact extends CandidateFact {
  readonly validFrom: Date;
  readonly capturedAt: Date;
}

/** What a dry run found, with all that its facts would have had as memories. Each cited message once. */
export interface DryRun extends Pick<
  WriteScope,
  'source' | 'sessionId' | 'externalId' | 'metadata'
> {
  readonly messages: readonly CitedMessage[];
  readonly facts: readonly DryFact[];
}
