import type { Caller } from '@app/accounts';
import { AppError } from '@app/errors';
import { type JobKind, JobReader, type QueryJob, type StoredJob, type WriteJob } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

/** The account that a job belongs to, and the API key settings by which its result is rendered. */
export type JobOwner = Pick<Caller, 'accountId' | 'settings'>;

/**
 * The response body of each kind of job. Each folder that renders a kind declares its entry here, so that this folder
 * imports none of them.
 */
export interface JobViews {}

interface JobRows {
  readonly write: WriteJob;
  readonly query: QueryJob;
}

/** Renders the results of one kind of job. `render` returns undefined for a job without a result. */
export interface JobRenderer<Kind extends JobKind> {
  render(owner: JobOwner, job: JobRows[Kind]): Promise<JobViews[Kind] | undefined>;
  /** Renders many jobs of one account, by their ids, in as few statements as possible. */
  renderMany(
    owner: JobOwner,
    jobs: readonly JobRows[Kind][],
  ): Promise<ReadonlyMap<string, JobViews[Kind]>>;
}

/** The renderer of each kind of job: a new kind does not compile until it has one. */
export abstract class JobRenderers {
  abstract readonly of: { readonly [Kind in JobKind]: JobRenderer<Kind> };
}

/** Reads the result of a job from its row. The row decides; a reply only says that the row has changed. */
@Injectable()
export class JobResults {
  constructor(
    private readonly jobs: JobReader,
    private readonly renderers: JobRenderers,
  ) {}

  /** @returns undefined while the job is unfinished. @throws AppError the failure that the job ended with. */
  async find<Kind extends JobKind>(
    owner: JobOwner,
    kind: Kind,
    jobId: string,
  ): Promise<JobViews[Kind] | undefined> {
    const job = await timed('db', this.jobs.find(owner.accountId, jobId, kind));
    if (job?.state === 'failed' && job.failure) throw AppError.fromFailure(job.failure);
    if (job?.state === 'cancelled') throw cancelledError();
    return isOfKind(job, kind) ? this.renderers.of[kind].render(owner, job) : undefined;
  }

  /** @returns undefined for a job without a result. */
  async render(owner: JobOwner, job: WriteJob | QueryJob): Promise<JobViews[JobKind] | undefined> {
    return job.kind === 'write'
      ? this.renderers.of.write.render(owner, job)
      : this.renderers.of.query.render(owner, job);
  }

  /** Renders each job that has a result, by its id: a few statements for any number of jobs. */
  async renderMany(
    owner: JobOwner,
    jobs: readonly StoredJob[],
  ): Promise<ReadonlyMap<string, JobViews[JobKind]>> {
    const views = await Promise.all([
      this.renderers.of.write.renderMany(
        owner,
        jobs.filter((job) => isOfKind(job, 'write')),
      ),
      this.renderers.of.query.renderMany(
        owner,
        jobs.filter((job) => isOfKind(job, 'query')),
      ),
    ]);
    return new Map<string, JobViews[JobKind]>(views.flatMap((ofKind) => [...ofKind]));
  }
}

function isOfKind<Kind extends JobKind>(
  job: StoredJob | undefined,
  kind: Kind,
): job is StoredJob & JobRows[Kind] {
  return job?.kind === kind;
}

const cancelledError = (): AppError =>
  new AppError(
    'job_not_retryable',
    'Another call cancelled this job before it ended. Post the request again if it is still wanted.',
  );
