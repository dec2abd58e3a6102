import { type CandidateFact, messagesOf, type WriteRequest } from './write.js';

/** When the cited messages were said: the latest of their own times, else when the conversation took place. */
export function capturedAt(positions: readonly number[], write: WriteRequest, now: Date): Date {
  const messages = messagesOf(write);
  const said = positions.flatMap((position) => messages[position]?.at ?? []);
  if (said.length > 0) return new Date(Math.max(...said.map((at) => at.getTime())));
  return write.recordedAt ?? now;
}

/** When a fact became true: as the caller said, else the date that it states, else when it was said. */
export function validFromOf(fact: CandidateFact, write: WriteRequest, now: Date): Date {
  return write.validFrom ?? fact.validFrom ?? capturedAt(fact.positions, write, now);
}
