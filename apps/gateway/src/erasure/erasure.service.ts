import type { Caller } from '@app/accounts';
import { AppError } from '@app/errors';
import { ALL_TENANTS, type BegunErasure, carryOut, endWork, ErasureStore } from '@app/memory';
import { requestContext, timed } from '@app/observability';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';

import { askerOf, ownScope, refuseOtherTenants } from '../http/auth/caller-scope.js';
import type { Outcome } from '../http/deliver.js';
import { found } from '../http/find.js';
import type { ErasedAccountView, ErasedView, EraseAsked } from './erasure.schemas.js';
import { viewErased } from './erasure.view.js';
import { UnwantedJobs } from './unwanted-jobs.js';

/** Erasing: one memory in one transaction; more of them durable first, then in batches, here or by upkeep. */
@Injectable()
export class ErasureService {
  constructor(
    private readonly erasures: ErasureStore,
    private readonly unwanted: UnwantedJobs,
  ) {}

  async eraseMemory(caller: Caller, memoryId: string): Promise<ErasedView> {
    const { tenantId } = await found(memoryId, (id) =>
      timed('db', this.erasures.eraseMemory(ownScope(caller), id, askerOf(caller))),
    );
    return viewErased({ accountId: caller.accountId, tenantId, deletedCount: 1 });
  }

  async eraseMemories(caller: Caller, asked: EraseAsked): Promise<Outcome<ErasedView>> {
    const tenantId = asked.tenant_id === undefined ? ALL_TENANTS : asked.tenant_id || null;
    refuseOtherTenants(caller, tenantId);
    const { accountId } = caller;
    const begun = await timed(
      'db',
      this.erasures.begin({
        id: randomUUID(),
        asker: askerOf(caller),
        tenantId,
        requestId: requestId(),
      }),
    );
    const deletedCount = await timed('db', this.#goOn(begun));
    return {
      jobId: begun.erasure.id,
      ...(deletedCount !== undefined && {
        body: viewErased({ accountId, tenantId, deletedCount }),
      }),
    };
  }

  async eraseAccount(accountId: string): Promise<ErasedAccountView> {
    const request = { id: randomUUID(), requestId: requestId() };
    const begun = await found(accountId, (id) =>
      timed('db', this.erasures.beginAccount(id, request)),
    );
    const deletedCount = await timed('db', this.#goOn(begun));
    return deletedCount === undefined
      ? { status: 'accepted', account_id: begun.erasure.accountId, job_id: begun.erasure.id }
      : { status: 'deleted', account_id: begun.erasure.accountId, deleted_count: deletedCount };
  }

  /** @returns how many memories were erased; undefined: upkeep goes on with it. Nothing comes in behind it from now on. */
  async #goOn({ erasure, large }: BegunErasure): Promise<number | undefined> {
    const means = {
      store: this.erasures,
      withdraw: this.unwanted.withdraw,
    };
    if (!large) return carryOut(erasure, means);
    await endWork(erasure, means);
    return undefined;
  }
}

function requestId(): string {
  const known = requestContext.get()?.requestId;
  if (known === undefined) throw new AppError('internal', 'A request without an id.');
  return known;
}
