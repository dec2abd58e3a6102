import { AppError } from '@app/errors';
import { type FirstAnswer, JobReader, type WriteJob } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

import { JobResults } from '../dispatch/job-results.js';
import type { AuthenticatedCaller } from '../http/auth/authenticated-caller.js';
import { deliver } from '../http/deliver.js';
import { FirstAnswers } from '../http/idempotency/idempotency.service.js';
import type { Preference } from '../http/preference.js';
import { deliverBatch } from './batch.view.js';

/** Repeats the answer of an earlier write under the same Idempotency-Key, rendered from the rows of that write. */
@Injectable()
export class WriteReplays extends FirstAnswers {
  constructor(
    private readonly jobs: JobReader,
    private readonly results: JobResults,
  ) {
    super();
  }

  override async find(accountId: string, writeId: string): Promise<FirstAnswer | undefined> {
    const job = await this.#find(accountId, writeId);
    if (!job) return undefined;
    if (job.state === 'failed' && job.failure) return { kind: 'failure', failure: job.failure };
    return { kind: job.state === 'succeeded' ? 'result' : 'accepted', jobId: writeId };
  }

  override async repeat(
    caller: AuthenticatedCaller,
    answer: FirstAnswer,
    preference: Preference,
    reply: FastifyReply,
  ): Promise<unknown> {
    if (answer.kind === 'failure') throw AppError.fromFailure(answer.failure);
    if (answer.kind === 'batch') return deliverBatch(reply, preference, answer.results);
    if (answer.kind === 'accepted') return deliver(reply, preference, answer);
    const { jobId } = answer;
    const job = await this.#find(caller.accountId, jobId);
    const body = job && (await this.results.render(caller, job));
    if (!body) throw erased();
    return deliver(reply, preference, { jobId, body });
  }

  async #find(accountId: string, writeId: string): Promise<WriteJob | undefined> {
    const job = await timed('db', this.jobs.find(accountId, writeId));
    return job?.kind === 'write' ? job : undefined;
  }
}

const erased = (): AppError =>
  new AppError('not_found', 'The result of this request was erased since.');
