import type { DryRun, Extraction, MessagesWrite, Moment, Question, WriteResult } from '@app/memory';

import { dateOf, type Stored } from './columns.js';

/** A request as its row keeps it, with dates again. */
export function readMessagesWrite(stored: Stored<MessagesWrite>): MessagesWrite {
  return {
    ...stored,
    // A row of an older gateway has none.
    supersession: stored.supersession ?? null,
    dryRun: stored.dryRun ?? false,
    validFrom: dateOf(stored.validFrom),
    recordedAt: dateOf(stored.recordedAt),
    messages: stored.messages.map((message) => ({ ...message, at: dateOf(message.at) })),
  };
}

export function readQuestion(stored: Stored<Question>): Question {
  return {
    ...stored,
    moment: readMoment(stored.moment),
    referenceDate: dateOf(stored.referenceDate),
  };
}

export function readWriteResult(stored: Stored<WriteResult> | null): WriteResult | null {
  if (stored?.dryRun === undefined) return stored as WriteResult | null;
  return { ...stored, dryRun: readDryRun(stored.dryRun) };
}

function readDryRun(stored: Stored<DryRun>): DryRun {
  return {
    ...stored,
    messages: stored.messages.map((message) => ({ ...message, at: dateOf(message.at) })),
    facts: stored.facts.map((fact) => ({
      ...fact,
      validFrom: new Date(fact.validFrom),
      capturedAt: new Date(fact.capturedAt),
    })),
  };
}

export function readExtraction(stored: Stored<Extraction> | null): Extraction | null {
  return stored && { ...stored, extractedAt: new Date(stored.extractedAt) };
}

function readMoment({ asOf, transactionAsOf }: Stored<Moment>): Moment {
  return {
    ...(asOf !== undefined && { asOf: new Date(asOf) }),
    ...(transactionAsOf !== undefined && { transactionAsOf: new Date(transactionAsOf) }),
  };
}
