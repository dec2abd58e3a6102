import { keyUnavailable, type LlmTarget } from '@app/caller-keys';
import { KeyOpener } from '@app/caller-keys/opener';
import { onBehalfOf } from '@app/egress';
import type { Failure } from '@app/errors';
import {
  type Attempt,
  AttemptRunner,
  type ExtractMemories,
  extractMemories,
  jobIdOf,
  type Reply,
  WORKER_OPTIONS,
} from '@app/jobs';
import { metered, type ModelAccount, ModelAccounts } from '@app/llm-providers';
import {
  contentAsFact,
  type ExtractedFacts,
  isContent,
  isTextless,
  JobLifecycle,
  JobReader,
  messagesOf,
  type MessagesWrite,
  type SkippedReason,
  type WriteClaim,
} from '@app/memory';
import { requestContext } from '@app/observability';
import { SpendingRecorder } from '@app/persistence';
import { Processor, WorkerHost } from '@nestjs/bullmq';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { Job } from 'bullmq';

import { AutoSupersessionService } from '../supersession/auto-supersession.service.js';
import { classifierAccount } from '../supersession/classifier-account.js';
import { MemoryExtractionService } from './memory-extraction.service.js';

/** The edge between the queue and the use case: whose the write is, which account pays, what its end does to the row. */
@Processor(extractMemories.queue, WORKER_OPTIONS)
export class ExtractMemoriesProcessor
  extends WorkerHost
  implements OnApplicationBootstrap, OnModuleDestroy
{
  constructor(
    private readonly attempts: AttemptRunner,
    private readonly jobs: JobReader,
    private readonly lifecycle: JobLifecycle,
    private readonly keys: KeyOpener,
    private readonly accounts: ModelAccounts,
    private readonly extraction: MemoryExtractionService,
    private readonly supersession: AutoSupersessionService,
    private readonly spending: SpendingRecorder,
  ) {
    super();
  }

  onApplicationBootstrap(): void {
    this.attempts.attend(this.worker);
  }

  async onModuleDestroy(): Promise<void> {
    await this.attempts.drain(this.worker);
  }

  override async process(job: Job, token?: string, signal?: AbortSignal): Promise<void> {
    await this.attempts.run(
      extractMemories,
      { job, token, signal },
      (payload) => this.#begin(payload, job.id),
      (id, run, failure) => this.#end(id, run, failure),
    );
  }

  async #begin(
    payload: ExtractMemories,
    queueJobId: string | undefined,
  ): Promise<Attempt<ExtractedFacts> | Reply> {
    const settled: Reply = { kind: 'settled', jobId: jobIdOf(payload.writeId, payload.run) };
    // The queue has one job of each id. A copy under another id would ask the model a second time.
    if (queueJobId !== settled.jobId) return settled;
    const { writeId: id, run } = payload;
    const [claim] = await this.lifecycle.claim('write', [{ id, run }]);
    if (!claim) return settled;
    const context = requestContext.get();
    if (context) context.accountId = claim.asker.accountId;
    return {
      isWaitedFor: () => this.jobs.isWaitedFor(claim.id),
      deadlineAt: claim.deadlineAt,
      begun: claim.attempt,
      // A write without text needs no model, so the counter of refused keys must not delay it.
      triesKey: !messagesOf(claim.request).every(isTextless),
      work: (signal) => onBehalfOf(claim.asker.accountId, () => this.#find(payload, claim, signal)),
      complete: async (found) => ((await this.#succeed(claim, found)) ? settled : undefined),
      fail: async (failure) => ((await this.#fail(claim, failure)) ? settled : undefined),
      handBack: async () => (await this.lifecycle.handBack('write', [claim]))[0] === true,
    };
  }

  /** The facts, and what came of comparing them with those that stand. */
  async #find(
    payload: ExtractMemories,
    claim: WriteClaim,
    signal: AbortSignal,
  ): Promise<ExtractedFacts> {
    const { request } = claim;
    const { refusalsUnder } = payload;
    if (isContent(request)) {
      const account = this.#classifierOfContent(payload, claim);
      const fact = contentAsFact(request);
      return this.supersession.compare(claim, fact, { account, refusalsUnder }, signal);
    }
    const own = this.#accountOf(payload, claim);
    const found = await this.#extract(claim, request, own, signal);
    const provider = own.owner === 'caller' ? own.target.provider : null;
    const account = classifierAccount(claim, { provider, open: () => own.target }, this.accounts);
    return this.supersession.compare(claim, found, { account, refusalsUnder }, signal);
  }

  #extract(
    { asker: { accountId } }: WriteClaim,
    request: MessagesWrite,
    own: ModelAccount,
    signal: AbortSignal,
  ): Promise<ExtractedFacts> {
    const account = metered(own);
    return this.spending.notingFailure({ accountId, owner: own.owner }, account.client, () =>
      this.extraction.extract(request, account, signal),
    );
  }

  async #end(id: string, run: number, failure: Failure): Promise<boolean> {
    const [claim] = await this.lifecycle.claim('write', [{ id, run }]);
    return claim !== undefined && this.#fail(claim, failure);
  }

  async #succeed(claim: WriteClaim, result: ExtractedFacts): Promise<boolean> {
    const [outcome] = await this.lifecycle.succeed('write', [{ claim, result }]);
    if (outcome?.status === 'rejected') throw outcome.reason;
    return outcome?.value === true;
  }

  async #fail(claim: WriteClaim, failure: Failure): Promise<boolean> {
    const [failed] = await this.lifecycle.fail('write', [{ job: claim, failure }]);
    return failed === true;
  }

  /** The row and the payload must say the same: no path leads from one account to the other. */
  #accountOf(payload: ExtractMemories, claim: WriteClaim): ModelAccount {
    if (payload.llmAccount !== claim.llmAccount) throw keyUnavailable();
    if (claim.llmAccount === 'bundled') return this.accounts.bundled();
    return this.accounts.ofCaller(this.#open(payload, claim));
  }

  /** In content mode nothing else needs an account, so without one the fact is stored all the same. */
  #classifierOfContent(payload: ExtractMemories, claim: WriteClaim): ModelAccount | SkippedReason {
    if (payload.llmAccount !== claim.llmAccount) return 'classifier_unavailable';
    // A row that names the caller's account and no provider leads nowhere.
    const provider = claim.callersProvider ?? (claim.llmAccount === 'caller' ? '' : null);
    const open = (): LlmTarget | null => this.#open(payload, claim);
    return classifierAccount(claim, { provider, open }, this.accounts);
  }

  #open({ sealed }: ExtractMemories, claim: WriteClaim): LlmTarget | null {
    const binding = {
      queue: extractMemories.queue,
      jobId: jobIdOf(claim.id, claim.run),
      accountId: claim.asker.accountId,
    };
    return this.keys.open(sealed, binding, new Date()).target;
  }
}
