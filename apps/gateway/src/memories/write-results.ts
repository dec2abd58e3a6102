import {
  ALL_TENANTS,
  type FoundMemories,
  MemoryStore,
  type Reasoning,
  SupersessionStore,
  uncompared,
  type WriteJob,
  type WriteResult,
} from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import type { JobOwner, JobRenderer } from '../dispatch/job-results.js';
import { type ViewContext, viewContextOf } from './memory.view.js';
import type { RememberedView } from './remembered.schemas.js';
import { viewAutoSupersede, viewDryRun, viewExtracted, viewSaved } from './remembered.view.js';

declare module '../dispatch/job-results.js' {
  interface JobViews {
    write: RememberedView;
  }
}

/** The memories and reasonings that results refer to, without erased ones. */
interface References {
  /** Only the memories of a single result may exceed one answer: `leftOut` is 0 for several results. */
  readonly found: FoundMemories;
  readonly reasonings: readonly Reasoning[];
}

/** Renders the results of writes, for the call that waits and for later calls that read the job. */
@Injectable()
export class WriteResults implements JobRenderer<'write'> {
  constructor(
    private readonly memories: MemoryStore,
    private readonly supersession: SupersessionStore,
  ) {}

  /** Flags and freshness are computed for the moment when the write ended, so that every call gets the same body. */
  async render(owner: JobOwner, job: WriteJob): Promise<RememberedView | undefined> {
    const { result } = job;
    if (!result) return undefined;
    const references = await this.#referencesOf(owner, [result], result.tenantId);
    return view(owner.accountId, result, references, contextOf(owner, job));
  }

  async renderMany(
    owner: JobOwner,
    jobs: readonly WriteJob[],
  ): Promise<ReadonlyMap<string, RememberedView>> {
    const results = jobs.flatMap(({ result }) => result ?? []);
    const references = await this.#referencesOf(owner, results, ALL_TENANTS);
    return new Map(
      jobs.flatMap((job) =>
        job.result
          ? [
              [
                job.id,
                view(owner.accountId, job.result, references, contextOf(owner, job)),
              ] as const,
            ]
          : [],
      ),
    );
  }

  async #referencesOf(
    { accountId }: JobOwner,
    results: readonly WriteResult[],
    tenantId: string | null,
  ): Promise<References> {
    const shown = results.flatMap(storedBy);
    const compared = results.flatMap(({ autoSupersede }) =>
      autoSupersede.flatMap(({ memoryId, supersession }) => (supersession ? [memoryId] : [])),
    );
    const [found, reasonings] = await timed(
      'db',
      Promise.all([
        shown.length === 0 ? NONE : this.memories.findMany({ accountId, tenantId }, shown, {}),
        compared.length === 0 ? [] : this.supersession.findReasoning(accountId, compared),
      ]),
    );
    return { found, reasonings };
  }
}

const NONE: FoundMemories = { memories: [], leftOut: 0 };

const contextOf = (owner: JobOwner, { finishedAt }: WriteJob): ViewContext =>
  viewContextOf(owner, finishedAt ?? new Date());

/** The memories that the view shows in full. In content mode it shows an id only. */
const storedBy = ({ status, memoryIds }: WriteResult): readonly string[] =>
  status === 'extracted' ? memoryIds : [];

function view(
  accountId: string,
  result: WriteResult,
  { found, reasonings }: References,
  context: ViewContext,
): RememberedView {
  const { status, tenantId, memoryIds, autoSupersede } = result;
  if (status === 'dry_run') return viewDryRun(accountId, result, context);
  if (status === 'extracted') return viewExtracted(accountId, result, found, reasonings, context);
  const memoryId = memoryIds[0] ?? '';
  const [outcome = uncompared(memoryId, 'disabled')] = autoSupersede;
  const supersession = viewAutoSupersede(outcome, reasonings);
  return viewSaved({ status, memoryId }, { accountId, tenantId }, supersession);
}
