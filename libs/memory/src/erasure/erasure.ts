import type { JobKind } from '../jobs/job.js';
import type { Asker } from '../writes/write.js';

/** How much an erasure takes: the memories of one tenant, those of all tenants, or the account with everything it holds. */
const ERASURE_EXTENTS = ['tenant', 'memories', 'account'] as const;
export type ErasureExtent = (typeof ERASURE_EXTENTS)[number];

/** What to erase, in a caller's name. */
export interface NewErasure {
  readonly id: string;
  readonly asker: Asker;
  /** A label, null for the default tenant, ALL_TENANTS for the account's memories of all tenants. */
  readonly tenantId: string | null;
  readonly requestId: string;
}

/** An erasure of more than one memory. A row, so that it goes on whatever crashes. */
export interface Erasure {
  readonly id: string;
  readonly accountId: string;
  readonly apiKeyId: string | null;
  readonly extent: ErasureExtent;
  /** ALL_TENANTS unless the extent is one tenant. */
  readonly tenantId: string | null;
  /** What was accepted until then goes; what came later is new, and stays. An account that goes takes all with it. */
  readonly createdAt: Date;
}

/** Work that an erasure has ended: its job is not wanted in the queue any more. */
export interface EndedWork {
  readonly kind: JobKind;
  readonly id: string;
  readonly run: number;
}
