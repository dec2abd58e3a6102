import { DEFAULT_SETTINGS } from '@app/accounts';
import type { LlmTarget } from '@app/caller-keys';
import { AppError } from '@app/errors';
import { CONTRACT_OF, QueueRoom } from '@app/jobs';
import { JobLifecycle, JobReader, type LlmAccount, type RunnableJob } from '@app/memory';
import { requestContext, timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { Deadlines } from '../deadlines.js';
import type { AuthenticatedCaller } from '../http/auth/authenticated-caller.js';
import type { Outcome } from '../http/deliver.js';
import { found } from '../http/find.js';
import type { Preference } from '../http/preference.js';
import { auditOf, TargetGate } from '../llm/target-gate.js';
import type { RememberedView } from '../memories/remembered.schemas.js';
import { type Queuer, WriteIntake } from '../memories/write-intake.js';
import type { AnsweredView } from '../queries/queries.schemas.js';
import { StoredQueries } from '../queries/stored-queries.js';
import {
  changedMeanwhile,
  llmRequired,
  onlyByItsCaller,
  refuseKeyInText,
  refuseUnlessRetryable,
} from './retryable.js';
import { visibleJob } from './visible-job.js';

type Retried = Outcome<RememberedView | AnsweredView>;

interface Run {
  readonly llmAccount: LlmAccount;
  readonly target?: LlmTarget | undefined;
  readonly preference: Preference;
  readonly gone: AbortSignal;
}

const NOT_WAITED_FOR = {
  preference: { waitMs: 0, synchronous: false, strict: false, applied: undefined },
  gone: new AbortController().signal,
} as const;

/** Running again what has failed: the row first, then a new job, as if it were the first. */
@Injectable()
export class RetryService {
  constructor(
    private readonly jobs: JobReader,
    private readonly lifecycle: JobLifecycle,
    private readonly gate: TargetGate,
    private readonly intake: WriteIntake,
    private readonly queries: StoredQueries,
    private readonly room: QueueRoom,
    private readonly deadlines: Deadlines,
  ) {}

  /** @param target absent for a job of the bundled account alone: what was to go to a caller's model goes to no other account. */
  async retry(
    caller: AuthenticatedCaller,
    jobId: string,
    target: LlmTarget | undefined,
    preference: Preference,
    gone: AbortSignal,
  ): Promise<Retried> {
    const job = await visibleJob(this.jobs, caller, jobId);
    refuseUnlessRetryable(job);
    if (job.llmAccount === 'caller' && !target) throw llmRequired();
    if (target) refuseKeyInText(target, await this.#textOf(job));
    const llmAccount = await this.gate.admit(target, caller);
    return this.#run(caller, job, { llmAccount, target, preference, gone });
  }

  /** The operator's: any account's job, but none that needs its caller's key. @returns its id, in our own writing. */
  async retryForOperator(jobId: string): Promise<string> {
    const job = await found(jobId, (id) => timed('db', this.jobs.findOfAnyone(id)));
    refuseUnlessRetryable(job);
    if (job.llmAccount === 'caller') throw onlyByItsCaller();
    const llmAccount = this.gate.admitBundled();
    await this.#run({ accountId: job.accountId, settings: DEFAULT_SETTINGS }, job, {
      llmAccount,
      ...NOT_WAITED_FOR,
    });
    return job.id;
  }

  async #run(
    whose: Queuer,
    job: RunnableJob,
    { llmAccount, target, preference, gone }: Run,
  ): Promise<Retried> {
    const { requestId, traceparent } = requestContext.get() ?? {};
    if (requestId === undefined) throw new AppError('internal', 'A request without an id.');
    await timed('queue', this.room.take(CONTRACT_OF[job.kind]));
    const again = {
      llmAccount,
      audit: target ? auditOf(target) : null,
      waiting: preference.synchronous,
      deadlineAt: this.deadlines.jobDeadline(new Date()),
      requestId,
    };
    const [run] = await timed('db', this.lifecycle.runAgain(job.kind, [{ job, again }]));
    if (run === undefined) throw changedMeanwhile();
    if (job.kind === 'write') {
      const durable = { writeId: job.id, run, llmAccount, requestId };
      return this.intake.run(whose, durable, target, preference, gone);
    }
    const { refusalBucket } = whose;
    const query = {
      v: 1 as const,
      queryId: job.id,
      run,
      accountId: job.accountId,
      llmAccount,
      requestId,
      ...(target && { refusalsUnder: refusalBucket }),
      ...(traceparent !== undefined && { traceparent }),
    };
    return this.queries.run(whose, query, target, preference, gone);
  }

  async #textOf(job: RunnableJob): Promise<unknown> {
    return job.kind === 'query' ? job.question : timed('db', this.jobs.textOf(job));
  }
}
