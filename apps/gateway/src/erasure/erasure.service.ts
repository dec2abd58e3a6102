import type { Caller } from '@app/accounts';
import { CONTRACT_OF, jobIdOf, JobProducer, ReplyInbox } from '@app/jobs';
import {
  ALL_TENANTS,
  type BegunErasure,
  runErasure,
  type CancelledJob,
  cancelCoveredJobs,
  ErasureStore,
} from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';

import { currentRequestId } from '../dispatch/job-payloads.js';
import { askerOf, ownScope, refuseOtherTenants } from '../http/auth/caller-scope.js';
import type { Outcome } from '../http/deliver.js';
import { requireFound } from '../http/require-found.js';
import type { ErasedAccountView, ErasedView, EraseRequest } from './erasure.schemas.js';
import { viewErased } from './erasure.view.js';

/** Erases one memory in one transaction. A larger erasure first becomes a durable row, and then runs in batches. */
@Injectable()
export class ErasureService {
  constructor(
    private readonly erasures: ErasureStore,
    private readonly producer: JobProducer,
    private readonly inbox: ReplyInbox,
  ) {}

  async eraseMemory(caller: Caller, memoryId: string): Promise<ErasedView> {
    const { tenantId } = await requireFound(memoryId, (id) =>
      timed('db', this.erasures.eraseMemory(ownScope(caller), id, askerOf(caller))),
    );
    return viewErased({ accountId: caller.accountId, tenantId, deletedCount: 1 });
  }

  async eraseMemories(caller: Caller, asked: EraseRequest): Promise<Outcome<ErasedView>> {
    const tenantId = asked.tenant_id === undefined ? ALL_TENANTS : asked.tenant_id || null;
    refuseOtherTenants(caller, tenantId);
    const { accountId } = caller;
    const begun = await timed(
      'db',
      this.erasures.begin({
        id: randomUUID(),
        asker: askerOf(caller),
        tenantId,
        requestId: currentRequestId(),
      }),
    );
    const deletedCount = await timed('db', this.#carryOut(begun));
    return {
      jobId: begun.erasure.id,
      ...(deletedCount !== undefined && {
        body: viewErased({ accountId, tenantId, deletedCount }),
      }),
    };
  }

  async eraseAccount(accountId: string): Promise<ErasedAccountView> {
    const request = { id: randomUUID(), requestId: currentRequestId() };
    const begun = await requireFound(accountId, (id) =>
      timed('db', this.erasures.beginAccount(id, request)),
    );
    const deletedCount = await timed('db', this.#carryOut(begun));
    return deletedCount === undefined
      ? { status: 'accepted', account_id: begun.erasure.accountId, job_id: begun.erasure.id }
      : { status: 'deleted', account_id: begun.erasure.accountId, deleted_count: deletedCount };
  }

  /**
   * Carries out a small erasure at once. For a large one it only ends the jobs that could still store a memory, and leaves
   * the memories to upkeep.
   * @returns the number of erased memories; undefined if upkeep erases them.
   */
  async #carryOut({ erasure, large }: BegunErasure): Promise<number | undefined> {
    const means = {
      store: this.erasures,
      withdraw: (ended: readonly CancelledJob[]) => this.#withdraw(ended),
    };
    if (!large) return runErasure(erasure, means);
    await cancelCoveredJobs(erasure, means);
    return undefined;
  }

  /**
   * Removes cancelled jobs and their sealed keys from the queue, and aborts those that run. If the queue is down, a worker
   * finds the cancelled row when it takes the job.
   */
  async #withdraw(ended: readonly CancelledJob[]): Promise<void> {
    const withdrawn = ended.map(async ({ kind, id, run }) => {
      const jobId = jobIdOf(id, run);
      await this.producer.withdraw(CONTRACT_OF[kind], jobId);
      // Aborts the job in its worker, and ends the wait of its caller, who may be connected to another gateway.
      await this.inbox.cancel(jobId);
    });
    await timed('queue', Promise.allSettled(withdrawn));
  }
}
