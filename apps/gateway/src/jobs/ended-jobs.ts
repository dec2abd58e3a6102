import type { Caller } from '@app/accounts';
import { AppError } from '@app/errors';
import { JobStore, type QueryJob, type StoredJob, type WriteJob } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { WriteResults } from '../memories/write-results.js';
import { readerOf } from '../memories/reader.js';
import type { RememberedView } from '../memories/remembered.schemas.js';
import { AnswerResults } from '../queries/answer-results.js';
import type { AnsweredView } from '../queries/queries.schemas.js';

/** What came of a job, read from its row. The row decides; a reply only says that it is worth looking. */
@Injectable()
export class EndedJobs {
  constructor(
    private readonly jobs: JobStore,
    private readonly writes: WriteResults,
    private readonly answers: AnswerResults,
  ) {}

  /** Undefined: it goes on. @throws AppError what it failed with. */
  async findWrite(caller: Caller, jobId: string): Promise<RememberedView | undefined> {
    const job = await this.#find(caller, jobId);
    return job?.kind === 'write' ? this.renderWrite(caller, job) : undefined;
  }

  /** Undefined: it goes on. @throws AppError what it failed with. */
  async findQuery(caller: Caller, jobId: string): Promise<AnsweredView | undefined> {
    const job = await this.#find(caller, jobId);
    return job?.kind === 'query' ? this.renderQuery(caller, job) : undefined;
  }

  /** As of when the write ended: whoever asks twice is answered the same. */
  async renderWrite(
    caller: Caller,
    { result, finishedAt }: WriteJob,
  ): Promise<RememberedView | undefined> {
    return result
      ? this.writes.render(readerOf(caller, finishedAt ?? new Date()), caller.accountId, result)
      : undefined;
  }

  async renderQuery(
    caller: Caller,
    { question, result }: QueryJob,
  ): Promise<AnsweredView | undefined> {
    return result ? this.answers.render(caller, question, result) : undefined;
  }

  async #find({ accountId }: Caller, jobId: string): Promise<StoredJob | undefined> {
    const job = await timed('db', this.jobs.find(accountId, jobId));
    if (job?.state === 'failed' && job.failure) throw AppError.fromFailure(job.failure);
    return job;
  }
}
