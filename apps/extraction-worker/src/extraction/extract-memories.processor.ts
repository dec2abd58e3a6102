import { keyUnavailable } from '@app/caller-keys';
import { KeyOpener } from '@app/caller-keys/opener';
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
import { type ModelAccount, ModelAccounts } from '@app/llm-providers';
import { type ExtractedFacts, type WriteClaim, WriteStore } from '@app/memory';
import { requestContext } from '@app/observability';
import { Processor, WorkerHost } from '@nestjs/bullmq';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { Job } from 'bullmq';

import { MemoryExtractionService } from './memory-extraction.service.js';

/** The edge between the queue and the use case: whose the write is, which account pays, what its end does to the row. */
@Processor(extractMemories.queue, WORKER_OPTIONS)
export class ExtractMemoriesProcessor
  extends WorkerHost
  implements OnApplicationBootstrap, OnModuleDestroy
{
  constructor(
    private readonly attempts: AttemptRunner,
    private readonly writes: WriteStore,
    private readonly keys: KeyOpener,
    private readonly accounts: ModelAccounts,
    private readonly extraction: MemoryExtractionService,
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
      (payload) => this.#begin(payload),
      (id, run, failure) => this.#end(id, run, failure),
    );
  }

  async #begin(payload: ExtractMemories): Promise<Attempt<ExtractedFacts> | Reply> {
    const settled: Reply = { kind: 'settled', jobId: jobIdOf(payload.writeId, payload.run) };
    const claim = await this.writes.claim(payload.writeId, payload.run);
    if (!claim) return settled;
    const context = requestContext.get();
    if (context) context.accountId = claim.asker.accountId;
    return {
      isWaitedFor: () => this.writes.isWaitedFor(claim),
      deadlineAt: claim.deadlineAt,
      work: async (signal) =>
        this.extraction.extract(claim.request, this.#accountOf(payload, claim), signal),
      complete: async (found) => ((await this.writes.complete(claim, found)) ? settled : undefined),
      fail: async (failure) => ((await this.writes.fail(claim, failure)) ? settled : undefined),
      handBack: () => this.writes.handBack(claim),
    };
  }

  async #end(id: string, run: number, failure: Failure): Promise<boolean> {
    const claim = await this.writes.claim(id, run);
    return claim !== undefined && this.writes.fail(claim, failure);
  }

  /** The row and the payload must say the same: no path leads from one account to the other. */
  #accountOf(payload: ExtractMemories, claim: WriteClaim): ModelAccount {
    if (payload.llmAccount !== claim.llmAccount) throw keyUnavailable();
    if (claim.llmAccount === 'bundled') return this.accounts.bundled();
    const binding = {
      queue: extractMemories.queue,
      jobId: jobIdOf(claim.writeId, claim.run),
      accountId: claim.asker.accountId,
    };
    return this.accounts.ofCaller(this.keys.open(payload.sealed, binding, new Date()).target);
  }
}
