import { type CandidateFact, messagesOf, type WriteRequest } from './write.js';

/** The time of the cited messages: the latest of their own times, else the write's `recordedAt`, else now. */
export function capturedAt(positions: readonly number[], write: WriteRequest, now: Date): Date {
  const messages = messagesOf(write);
  const said = positions.flatMap((position) => messages[position]?.at ?? []);
  if (said.length > 0) return new Date(Math.max(...said.map((at) => at.getTime())));
  return write.recordedAt ?? now;
}

/** When a fact became true: the write's `validFrom`, else the date that the fact states, else the time of its messages. */
export function validFromOf(fact: CandidateFact, write: WriteRequest, now: Date): Date {
  return write.validFrom ?? fact.validFrom ?? capturedAt(fact.positions, write, now);
}
