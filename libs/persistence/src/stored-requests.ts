import type { Extraction, MessagesWrite, Moment, Question } from '@app/memory';

import { dateOf, type Stored } from './columns.js';

/** A request as its row keeps it, with dates again. */
export function readMessagesWrite(stored: Stored<MessagesWrite>): MessagesWrite {
  return {
    ...stored,
    // A row of an older gateway has none.
    supersession: stored.supersession ?? null,
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
    // A row of an older gateway does not say.
    includeProofTree: stored.includeProofTree ?? false,
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
