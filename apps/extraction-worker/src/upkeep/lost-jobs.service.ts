import { keyUnavailable } from '@app/caller-keys';
import { AppError } from '@app/errors';
import { CONTRACT_OF, jobIdOf, LiveJobs } from '@app/jobs';
import { CHECK_INTERVAL_MS, ENQUEUE_TIMEOUT_MS, OVERDUE_AFTER_MS } from '@app/jobs/policy';
import { type JobKind, JobLifecycle, JobReader, type UnfinishedJob } from '@app/memory';
import { metrics } from '@app/observability';
import { Injectable } from '@nestjs/common';

const BATCH = 500;
/** Batches of due rows that one round checks. Further due rows are checked in later rounds. */
const MAX_BATCHES = 20;

/** Finds rows whose job the queue has lost, and runs the jobs again or fails the rows. */
@Injectable()
export class LostJobsService {
  constructor(
    private readonly jobs: JobReader,
    private readonly lifecycle: JobLifecycle,
    private readonly live: LiveJobs,
  ) {}

  /**
   * Checks the rows whose next check is due. After the queue was emptied it checks all rows once.
   * @throws AppError `unavailable` when the queue does not answer. The remaining rows are checked in the next round.
   */
  async check(kind: JobKind, signal: AbortSignal): Promise<void> {
    const contract = CONTRACT_OF[kind];
    const epoch = await this.live.epochs.epochOf(contract);
    const all = !(await this.live.epochs.wasChecked(contract, epoch));
    const now = await this.jobs.now();
    const until = all ? new Date(now.getTime() + CHECK_INTERVAL_MS) : now;
    const maxBatches = all ? Infinity : MAX_BATCHES;
    let undecided = false;
    for (let batch = 0; batch < maxBatches; batch += 1) {
      if (signal.aborted) return;
      const jobs = await this.lifecycle.takeDue(kind, until, BATCH);
      if (await this.#settle(kind, jobs)) undecided = true;
      if (jobs.length < BATCH) break;
    }
    // A row that was too young may have lost its job too, so the next round checks all rows again.
    if (all && !undecided) await this.live.epochs.noteChecked(contract, epoch);
  }

  /** @returns whether some rows were too young for a decision. */
  async #settle(kind: JobKind, jobs: readonly UnfinishedJob[]): Promise<boolean> {
    if (jobs.length === 0) return false;
    const live = await this.live.findAmong(CONTRACT_OF[kind], jobs.map(jobId));
    const lost = jobs.filter((job) => !live.has(jobId(job)));
    const of = (fate: Fate): UnfinishedJob[] => lost.filter((job) => fateOf(job) === fate);
    await this.#fail(kind, of('overdue'), overdue());
    const keysLost = await this.#fail(kind, of('key_lost'), keyUnavailable());
    metrics.jobsKeyLost.inc({ queue: CONTRACT_OF[kind].queue }, keysLost);
    await this.#runAgain(kind, of('run_again'));
    return of('too_early').length > 0;
  }

  async #fail(kind: JobKind, jobs: readonly UnfinishedJob[], error: AppError): Promise<number> {
    if (jobs.length === 0) return 0;
    const failure = error.toFailure();
    const lost = jobs.map(({ id, run }) => ({ job: { id, run }, failure }));
    const failed = (await this.lifecycle.fail(kind, lost)).filter(Boolean).length;
    metrics.jobsEnded.inc({ queue: CONTRACT_OF[kind].queue, outcome: error.code }, failed);
    return failed;
  }

  /** Enqueues the rows that `requeue` has given a new run. If the queue fails, a later round finds them without a job again. */
  async #runAgain(kind: JobKind, lost: readonly UnfinishedJob[]): Promise<void> {
    if (lost.length === 0) return;
    const requeued = await this.lifecycle.requeue(kind, lost);
    const jobs = requeued.filter((job) => job !== undefined);
    await (kind === 'write' ? this.#extract(jobs) : this.#answer(jobs));
    metrics.jobsRunAgain.inc({ queue: CONTRACT_OF[kind].queue }, jobs.length);
  }

  async #extract(jobs: readonly UnfinishedJob[]): Promise<void> {
    await this.live.producer.extract(
      jobs.map(({ id, run, accountId, llmAccount, requestId }) => ({
        v: 1,
        writeId: id,
        run,
        accountId,
        llmAccount,
        requestId,
      })),
    );
  }

  async #answer(jobs: readonly UnfinishedJob[]): Promise<void> {
    await Promise.all(
      jobs.map(({ id, run, accountId, llmAccount, requestId }) =>
        this.live.producer.answer({
          v: 1,
          queryId: id,
          run,
          accountId,
          stored: true,
          llmAccount,
          requestId,
        }),
      ),
    );
  }
}

const jobId = ({ id, run }: UnfinishedJob): string => jobIdOf(id, run);

const overdue = (): AppError =>
  new AppError('unavailable', 'No worker finished this job before its deadline. Try again.');

/** The decision about a row whose job is not in the queue. */
export type Fate = 'too_early' | 'run_again' | 'key_lost' | 'overdue';

/**
 * The gateway may still be queueing the job of a young row. A caller's key is only in the job: if the job is lost, a row that
 * needs the key fails, and does not move to the bundled account.
 */
export function fateOf({ ageMs, overdueMs, needsKey }: UnfinishedJob): Fate {
  if (ageMs < ENQUEUE_TIMEOUT_MS) return 'too_early';
  if (overdueMs > OVERDUE_AFTER_MS) return 'overdue';
  return needsKey ? 'key_lost' : 'run_again';
}
