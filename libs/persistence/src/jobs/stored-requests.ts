import {
  type ContentWrite,
  type DryRun,
  type MessagesWrite,
  type Moment,
  type Question,
  uncompared,
  type WriteRequest,
  type WriteResult,
} from '@app/memory';

import { dateOf, type Stored } from '../sql/columns.js';

/** Reads the stored request of a write: dates become Date objects. The mode is a column of the row. */
export function readWriteRequest(mode: WriteResult['mode'], stored: unknown): WriteRequest {
  return mode === 'content'
    ? readContentWrite(stored as Stored<ContentWrite>)
    : readMessagesWrite(stored as Stored<MessagesWrite>);
}

function readMessagesWrite(stored: Stored<MessagesWrite>): MessagesWrite {
  return {
    ...stored,
    // Rows of older gateways do not have the next two fields.
    supersession: stored.supersession ?? null,
    dryRun: stored.dryRun ?? false,
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

/** Older workers stored only whether supersession was requested, and no outcomes. */
interface OlderWriteResult extends Omit<Stored<WriteResult>, 'autoSupersede'> {
  readonly autoSupersede: boolean;
}

export function readWriteResult(stored: Stored<WriteResult> | OlderWriteResult): WriteResult {
  const { autoSupersede, dryRun, ...result } = stored;
  return {
    ...result,
    autoSupersede:
      typeof autoSupersede === 'boolean'
        ? result.memoryIds.map((id) =>
            uncompared(id, autoSupersede ? 'classifier_unavailable' : 'disabled'),
          )
        : autoSupersede,
    ...(dryRun && { dryRun: readDryRun(dryRun) }),
  };
}

export function readQuestion(stored: Stored<Question>): Question {
  return {
    ...stored,
    moment: readMoment(stored.moment),
    referenceDate: dateOf(stored.referenceDate),
    // Rows of older gateways do not have this field.
    includeProofTree: stored.includeProofTree ?? false,
  };
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

function readMoment({ asOf, transactionAsOf }: Stored<Moment>): Moment {
  return {
    ...(asOf !== undefined && { asOf: new Date(asOf) }),
    ...(transactionAsOf !== undefined && { transactionAsOf: new Date(transactionAsOf) }),
  };
}
