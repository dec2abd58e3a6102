import { DEFAULT_SETTINGS } from '@app/accounts';
import type { LlmTarget } from '@app/caller-keys';
import { CONTRACT_OF } from '@app/jobs';
import {
  type JobKind,
  JobLifecycle,
  JobReader,
  type LlmAccount,
  type RunnableJob,
} from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { Deadlines } from '../deadlines.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import { currentRequestId, type JobSender } from '../dispatch/job-payloads.js';
import type { JobViews } from '../dispatch/job-results.js';
import type { AuthenticatedCaller } from '../http/auth/authenticated-caller.js';
import type { Outcome } from '../http/deliver.js';
import { requireFound } from '../http/require-found.js';
import type { Preference } from '../http/preference.js';
import { auditOf, TargetGate } from '../llm/target-gate.js';
import { JobsService } from './jobs.service.js';
import {
  changedMeanwhile,
  llmRequired,
  onlyByItsCaller,
  refuseKeyInText,
  refuseUnlessRetryable,
} from './retryable.js';

type RetriedJob = Outcome<JobViews[JobKind]>;

/** The model account that the job runs on, and how long the caller waits. */
interface RetryOptions {
  readonly llmAccount: LlmAccount;
  readonly target?: LlmTarget | undefined;
  readonly preference: Preference;
  readonly gone: AbortSignal;
}

const NO_WAIT = {
  preference: { waitMs: 0, synchronous: false, strict: false, applied: undefined },
  gone: new AbortController().signal,
} as const;

/** Runs a failed job again: the row gets its next run, and that run is enqueued like a first one. */
@Injectable()
export class RetryService {
  constructor(
    private readonly rows: JobReader,
    private readonly lifecycle: JobLifecycle,
    private readonly jobs: JobsService,
    private readonly gate: TargetGate,
    private readonly dispatcher: Dispatcher,
    private readonly deadlines: Deadlines,
  ) {}

  /** @param target undefined only for a job on the bundled account: no job moves from a caller's model to that account. */
  async retry(
    caller: AuthenticatedCaller,
    jobId: string,
    target: LlmTarget | undefined,
    preference: Preference,
    gone: AbortSignal,
  ): Promise<RetriedJob> {
    const job = await this.jobs.getStored(caller, jobId);
    refuseUnlessRetryable(job);
    if (job.llmAccount === 'caller' && !target) throw llmRequired();
    if (target) refuseKeyInText(target, await this.#textOf(job));
    const llmAccount = await this.gate.admit(target, caller);
    return this.#run(caller, job, { llmAccount, target, preference, gone });
  }

  /** For the operator: a job of any account, except one that needs its caller's key. @returns the job's id in lower case. */
  async retryForOperator(jobId: string): Promise<string> {
    const job = await requireFound(jobId, (id) => timed('db', this.rows.findOfAnyone(id)));
    refuseUnlessRetryable(job);
    if (job.llmAccount === 'caller') throw onlyByItsCaller();
    const llmAccount = this.gate.admitBundled();
    const owner = { accountId: job.accountId, settings: DEFAULT_SETTINGS };
    await this.#run(owner, job, { llmAccount, ...NO_WAIT });
    return job.id;
  }

  async #run(
    sender: JobSender,
    job: RunnableJob,
    { llmAccount, target, preference, gone }: RetryOptions,
  ): Promise<RetriedJob> {
    const requestId = currentRequestId();
    await this.dispatcher.reserveRoom(CONTRACT_OF[job.kind]);
    const again = {
      llmAccount,
      audit: target ? auditOf(target) : null,
      waiting: preference.synchronous,
      deadlineAt: this.deadlines.jobDeadline(new Date()),
      requestId,
    };
    const [run] = await timed('db', this.lifecycle.runAgain(job.kind, [{ job, again }]));
    if (run === undefined) throw changedMeanwhile();
    const next = { kind: job.kind, id: job.id, run, llmAccount, requestId };
    return this.dispatcher.run(sender, next, target, preference, gone);
  }

  async #textOf(job: RunnableJob): Promise<unknown> {
    return job.kind === 'query' ? job.question : timed('db', this.rows.textOf(job));
  }
}
