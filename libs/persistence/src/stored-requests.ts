import type {
  ContentWrite,
  Extraction,
  MessagesWrite,
  Moment,
  Question,
  WriteRequest,
  WriteResult,
} from '@app/memory';

import { dateOf, type Stored } from './columns.js';

/** A request as its row keeps it, with dates again. The row says of which mode it is. */
export function readWriteRequest(mode: WriteResult['mode'], stored: unknown): WriteRequest {
  return mode === 'content'
    ? readContentWrite(stored as Stored<ContentWrite>)
    : readMessagesWrite(stored as Stored<MessagesWrite>);
}

function readMessagesWrite(stored: Stored<MessagesWrite>): MessagesWrite {
  return {
    ...stored,
    // A row of an older gateway has none.
    supersession: stored.supersession ?? null,
    validFrom: dateOf(stored.validFrom),
    recordedAt: dateOf(stored.recordedAt),
    messages: stored.messages.map((message) => ({ ...message, at: dateOf(message.at) })),
  };
}

function readContentWrite(stored: Stored<ContentWrite>): ContentWrite {
  return {
    ...stored,
    validFrom: dateOf(stored.validFrom),
    recordedAt: dateOf(stored.recordedAt),
  };
}

export function readQuestion(stored: Stored<Question>): Question {
  return {
    ...stored,
    moment: readMoment(stored.moment),
    referenceDate: dateOf(stored.referenceDate),
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
