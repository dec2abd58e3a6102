import { AppError, type Failure, failureOf } from '@app/errors';
import type { BatchResult } from '@app/memory';
import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';

import { Deadlines } from '../deadlines.js';
import { Dispatcher, type DraftedWrite } from '../dispatch/dispatcher.js';
import type { AuthenticatedCaller } from '../http/auth/authenticated-caller.js';
import type { Reservation } from '../http/idempotency/idempotency-key.js';
import { TargetGate } from '../llm/target-gate.js';
import { draftWrite, writeRequestOf } from './draft-write.js';
import type { BatchItem } from './read-batch.js';

type Draft = DraftedWrite | { readonly failure: Failure };

/**
 * Accepts many writes in one transaction, with one sealing key and one round trip to the queue. Each write is accepted or
 * refused alone.
 */
@Injectable()
export class BatchService {
  constructor(
    private readonly gate: TargetGate,
    private readonly dispatcher: Dispatcher,
    private readonly deadlines: Deadlines,
  ) {}

  /** @returns for each item, in the order of the batch, its job or why it was refused. */
  async accept(
    caller: AuthenticatedCaller,
    items: readonly BatchItem[],
    { writeId, resumed }: Reservation,
  ): Promise<readonly BatchResult[]> {
    const drafts = await this.#draft(caller, items, writeId);
    const writes = drafts.filter((draft) => 'write' in draft);
    const refused = await this.dispatcher.acceptWrites(
      writes.map(({ write }) => write),
      resumed,
    );
    const durable = writes.filter(({ write }) => !refused.has(write.id));
    const unqueued = await this.dispatcher.runWrites(caller, durable);
    return drafts.map((draft) => {
      if ('failure' in draft) return draft;
      const { id } = draft.write;
      const failure = refused.get(id) ?? unqueued.get(id);
      return failure ? { failure } : { jobId: id };
    });
  }

  #draft(
    caller: AuthenticatedCaller,
    items: readonly BatchItem[],
    batchId: string,
  ): Promise<readonly Draft[]> {
    const gate = this.gate.forMany(caller);
    const deadlineAt = this.deadlines.jobDeadline(new Date());
    return Promise.all(
      items.map(async (item, index) => {
        if ('failure' in item) return item;
        try {
          const request = writeRequestOf(caller, item.asked);
          const rest = { id: writeIdAt(batchId, index), waiting: false, deadlineAt };
          return await draftWrite(gate, caller, { request, target: item.asked.llm }, rest);
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          return { failure: failureOf(error) };
        }
      }),
    );
  }
}

/** The id of the write at one index of a batch. It is derived, so that a batch that is resumed makes the same writes. */
export function writeIdAt(batchId: string, index: number): string {
  const bytes = createHash('sha256').update(`${batchId} ${index}`).digest();
  // A UUID of version 8: https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes
    .toString('hex', 0, 16)
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
