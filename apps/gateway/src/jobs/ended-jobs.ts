import { AppError } from '@app/errors';
import { JobReader, type QueryJob, type StoredJob, type WriteJob } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { WriteResults } from '../memories/write-results.js';
import type { Whose } from '../memories/reader.js';
import type { RememberedView } from '../memories/remembered.schemas.js';
import { AnswerResults } from '../queries/answer-results.js';
import type { AnsweredView } from '../queries/queries.schemas.js';

/** What came of a job, read from its row. The row decides; a reply only says that it is worth looking. */
@Injectable()
export class EndedJobs {
  constructor(
    private readonly jobs: JobReader,
    private readonly writes: WriteResults,
    private readonly answers: AnswerResults,
  ) {}

  /** Undefined: it goes on. @throws AppError what it failed with. */
  async findWrite(caller: Whose, jobId: string): Promise<RememberedView | undefined> {
    const job = await this.#find(caller, jobId);
    return job?.kind === 'write' ? this.renderWrite(caller, job) : undefined;
  }

  /** Undefined: it goes on. @throws AppError what it failed with. */
  async findQuery(caller: Whose, jobId: string): Promise<AnsweredView | undefined> {
    const job = await this.#find(caller, jobId);
    return job?.kind === 'query' ? this.renderQuery(caller, job) : undefined;
  }

  /** As of when the write ended: whoever asks twice is answered the same. */
  async renderWrite(
    caller: Whose,
    { result, finishedAt }: WriteJob,
  ): Promise<RememberedView | undefined> {
    return result ? this.writes.render(caller, result, finishedAt ?? new Date()) : undefined;
  }

  async renderQuery(
    caller: Whose,
    { question, result }: QueryJob,
  ): Promise<AnsweredView | undefined> {
    return result ? this.answers.render(caller, question, result) : undefined;
  }

  /** What came of each that has a result, by its id: in few statements, however many jobs there are. */
  async renderMany(
    caller: Whose,
    jobs: readonly StoredJob[],
  ): Promise<ReadonlyMap<string, RememberedView | AnsweredView>> {
    const writes = jobs.flatMap((job) =>
      job.kind === 'write' && job.result
        ? [{ id: job.id, result: job.result, endedAt: job.finishedAt ?? new Date() }]
        : [],
    );
    const queries = jobs.flatMap((job) =>
      job.kind === 'query' && job.result ? [{ ...job, result: job.result }] : [],
    );
    const remembered = await this.writes.renderMany(caller, writes);
    const answered = await this.answers.renderMany(caller, queries);
    return new Map<string, RememberedView | AnsweredView>([...remembered, ...answered]);
  }

  async #find({ accountId }: Whose, jobId: string): Promise<StoredJob | undefined> {
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
