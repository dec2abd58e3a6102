import { AppError } from '@app/errors';
import { JobStore, type QueryJob, type StoredJob, type WriteJob } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { WriteResults } from '../memories/write-results.js';
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
  async findWrite(accountId: string, jobId: string): Promise<RememberedView | undefined> {
    const job = await this.#find(accountId, jobId);
    return job?.kind === 'write' ? this.renderWrite(job) : undefined;
  }

  /** Undefined: it goes on. @throws AppError what it failed with. */
  async findQuery(accountId: string, jobId: string): Promise<AnsweredView | undefined> {
    const job = await this.#find(accountId, jobId);
    return job?.kind === 'query' ? this.renderQuery(job) : undefined;
  }

  async renderWrite({ accountId, result }: WriteJob): Promise<RememberedView | undefined> {
    return result ? this.writes.render(accountId, result) : undefined;
  }

  async renderQuery({ question, result }: QueryJob): Promise<AnsweredView | undefined> {
    return result ? this.answers.render(question, result) : undefined;
  }

  /** What came of each that has a result, by its id: in few statements, however many jobs there are. */
  async renderMany(
    accountId: string,
    jobs: readonly StoredJob[],
  ): Promise<ReadonlyMap<string, RememberedView | AnsweredView | undefined>> {
    const writes = jobs.flatMap((job) =>
      job.kind === 'write' && job.result ? [{ id: job.id, result: job.result }] : [],
    );
    const queries = jobs.filter((job) => job.kind === 'query');
    const remembered = await this.writes.renderMany(
      accountId,
      writes.map(({ result }) => result),
    );
    const answered = await this.answers.renderMany(accountId, queries);
    return new Map<string, RememberedView | AnsweredView | undefined>([
      ...writes.map(({ id }, index) => [id, remembered[index]] as const),
      ...queries.map(({ id }, index) => [id, answered[index]] as const),
    ]);
  }

  async #find(accountId: string, jobId: string): Promise<StoredJob | undefined> {
    const job = await timed('db', this.jobs.find(accountId, jobId));
    if (job?.state === 'failed' && job.failure) throw AppError.fromFailure(job.failure);
    if (job?.state === 'cancelled') throw cancelledMeanwhile();
    return job;
  }
}

const cancelledMeanwhile = (): AppError =>
  new AppError(
    'job_not_retryable',
    'Another call cancelled this job before it ended. Post the request again if it is still wanted.',
  );
