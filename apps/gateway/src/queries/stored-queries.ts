import { KeySealer, type LlmTarget } from '@app/caller-keys';
import { failureOf } from '@app/errors';
import { jobIdOf, JobProducer, ReplyInbox } from '@app/jobs';
import { JobLifecycle } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { Deadlines } from '../deadlines.js';
import type { Outcome } from '../http/deliver.js';
import type { Preference } from '../http/preference.js';
import { EndedJobs } from '../jobs/ended-jobs.js';
import { hears } from '../jobs/hears.js';
import type { Whose } from '../memories/reader.js';
import type { AnsweredView } from './queries.schemas.js';
import { bindingOf, type UnsealedJob } from './waited-answers.js';

/** Questions that have a row: queued, and waited for as long as their callers do. */
@Injectable()
export class StoredQueries {
  constructor(
    private readonly lifecycle: JobLifecycle,
    private readonly sealer: KeySealer,
    private readonly inbox: ReplyInbox,
    private readonly producer: JobProducer,
    private readonly ended: EndedJobs,
    private readonly deadlines: Deadlines,
  ) {}

  /** @throws AppError what it failed with; `unavailable` where the queue did not take it: then the query has failed too. */
  async run(
    caller: Whose,
    job: UnsealedJob,
    target: LlmTarget | undefined,
    { waitMs }: Pick<Preference, 'waitMs'>,
    gone: AbortSignal,
  ): Promise<Outcome<AnsweredView>> {
    const { queryId, run } = job;
    const expiresAt = this.deadlines.keyExpiry(new Date());
    const sealed = target && this.sealer.seal({ target, expiresAt }, bindingOf(job));
    using expected = this.inbox.expect(jobIdOf(queryId, run));
    try {
      const replyTo = waitMs > 0 ? { replyTo: this.inbox.address } : {};
      const sending = this.producer.answer({
        ...job,
        stored: true,
        ...(sealed && { sealed }),
        ...replyTo,
      });
      await timed('queue', sending);
    } catch (error) {
      // The caller hears of the queue, whatever becomes of the row: without a job it ends by itself.
      const failure = failureOf(error);
      await this.lifecycle.withdraw('query', [{ id: queryId, failure }]).catch(() => undefined);
      throw error;
    }
    if (waitMs === 0) return { jobId: queryId };
    const hasEnded = async () => (await this.ended.findQuery(caller, queryId)) !== undefined;
    await timed('llm', hears({ inbox: this.inbox, expected, hasEnded }, waitMs, gone));
    return { jobId: queryId, body: await this.ended.findQuery(caller, queryId) };
  }
}
