import { keyUnavailable, type LlmTarget } from '@app/caller-keys';
import { KeyOpener } from '@app/caller-keys/opener';
import { runForAccount } from '@app/egress';
import type { Failure } from '@app/errors';
import { type ExtractMemories, extractMemories, jobIdOf, type Reply } from '@app/jobs';
import { meterAccount, type ModelAccount, ModelAccounts } from '@app/llm-providers';
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
import { metrics, requestContext } from '@app/observability';
import { SpendingRecorder } from '@app/persistence';
import type { ActiveJob, Attempt, JobProcessor } from '@app/worker';
import { Injectable } from '@nestjs/common';

import { AutoSupersessionService } from './supersession/auto-supersession.service.js';
import { classifierAccount } from './supersession/classifier-account.js';
import { MemoryExtractionService } from './extraction/memory-extraction.service.js';

/** Runs the extraction of one write: claims its row, chooses the model account that pays, and ends the row. */
@Injectable()
export class ExtractMemoriesProcessor implements JobProcessor<typeof extractMemories> {
  constructor(
    private readonly jobs: JobReader,
    private readonly lifecycle: JobLifecycle,
    private readonly keys: KeyOpener,
    private readonly accounts: ModelAccounts,
    private readonly extraction: MemoryExtractionService,
    private readonly supersession: AutoSupersessionService,
    private readonly spending: SpendingRecorder,
  ) {}

  async begin(
    payload: ExtractMemories,
    { job }: ActiveJob,
  ): Promise<Attempt<ExtractedFacts> | Reply> {
    const settled: Reply = { kind: 'settled', jobId: jobIdOf(payload.writeId, payload.run) };
    // The queue allows one job per id. A copy under another id would call the model a second time.
    if (job.id !== settled.jobId) return settled;
    const { writeId: id, run } = payload;
    const [claim] = await this.lifecycle.claim('write', [{ id, run }]);
    if (!claim) return settled;
    const context = requestContext.get();
    if (context) context.accountId = claim.asker.accountId;
    return {
      isWaitedFor: () => this.jobs.isWaitedFor(claim.id),
      deadlineAt: claim.deadlineAt,
      begun: claim.attempt,
      // A write without text calls no model, so the counter of rejected keys must not delay it.
      triesKey: !messagesOf(claim.request).every(isTextless),
      work: (signal) =>
        runForAccount(claim.asker.accountId, () => this.#extractAndCompare(payload, claim, signal)),
      complete: async (found) => ((await this.#succeed(claim, found)) ? settled : undefined),
      fail: async (failure) => ((await this.#fail(claim, failure)) ? settled : undefined),
      handBack: async () => (await this.lifecycle.handBack('write', [claim]))[0] === true,
    };
  }

  /** Extracts the facts and compares them with the account's current memories. */
  async #extractAndCompare(
    payload: ExtractMemories,
    claim: WriteClaim,
    signal: AbortSignal,
  ): Promise<ExtractedFacts> {
    const { request } = claim;
    const { refusalsUnder: refusalBucket } = payload;
    if (isContent(request)) {
      const account = this.#classifierOfContent(payload, claim);
      const fact = contentAsFact(request);
      return this.supersession.compare(claim, fact, { account, refusalBucket }, signal);
    }
    const own = this.#accountOf(payload, claim);
    const found = await this.#extract(claim, request, own, signal);
    const provider = own.owner === 'caller' ? own.target.provider : null;
    const account = classifierAccount(claim, { provider, open: () => own.target }, this.accounts);
    return this.supersession.compare(claim, found, { account, refusalBucket }, signal);
  }

  #extract(
    { asker: { accountId } }: WriteClaim,
    request: MessagesWrite,
    own: ModelAccount,
    signal: AbortSignal,
  ): Promise<ExtractedFacts> {
    const account = meterAccount(own);
    return this.spending.recordOnFailure({ accountId, owner: own.owner }, account.client, () =>
      this.extraction.extract(request, account, signal),
    );
  }

  async endRow(id: string, run: number, failure: Failure): Promise<boolean> {
    const [claim] = await this.lifecycle.claim('write', [{ id, run }]);
    return claim !== undefined && this.#fail(claim, failure);
  }

  async #succeed(claim: WriteClaim, result: ExtractedFacts): Promise<boolean> {
    const [outcome] = await this.lifecycle.succeed('write', [{ claim, result }]);
    if (outcome?.status === 'rejected') throw outcome.reason;
    if (outcome?.value === undefined) return false;
    metrics.factsStored.inc(outcome.value.memoriesStored);
    return true;
  }

  async #fail(claim: WriteClaim, failure: Failure): Promise<boolean> {
    const [failed] = await this.lifecycle.fail('write', [{ job: claim, failure }]);
    return failed === true;
  }

  /** Row and payload must agree, so that a job never changes from one model account to the other. */
  #accountOf(payload: ExtractMemories, claim: WriteClaim): ModelAccount {
    if (payload.llmAccount !== claim.llmAccount) throw keyUnavailable();
    if (claim.llmAccount === 'bundled') return this.accounts.bundled();
    return this.accounts.ofCaller(this.#open(payload, claim));
  }

  /** In content mode only the comparison needs a model account. Without one the fact is stored uncompared. */
  #classifierOfContent(payload: ExtractMemories, claim: WriteClaim): ModelAccount | SkippedReason {
    if (payload.llmAccount !== claim.llmAccount) return 'classifier_unavailable';
    // A row with a caller's own account names a provider. If the name is missing, the empty one matches no provider.
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
