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

/** Before outcomes were kept, a result told only whether supersession was asked for. */
interface OlderWriteResult extends Omit<Stored<WriteResult>, 'autoSupersede'> {
  readonly autoSupersede: boolean;
}

export function readWriteResult(stored: Stored<WriteResult> | OlderWriteResult): WriteResult {
  const { autoSupersede, dryRun, ...told } = stored;
  return {
    ...told,
    autoSupersede:
      typeof autoSupersede === 'boolean'
        ? told.memoryIds.map((id) =>
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
    // A row of an older gateway does not say.
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
