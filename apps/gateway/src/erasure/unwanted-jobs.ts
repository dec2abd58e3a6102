import { CONTRACT_OF, jobIdOf, JobProducer, ReplyInbox } from '@app/jobs';
import type { EndedWork } from '@app/memory';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

/** Jobs whose rows have ended under them. */
@Injectable()
export class UnwantedJobs {
  constructor(
    private readonly producer: JobProducer,
    private readonly inbox: ReplyInbox,
  ) {}

  /** Takes them out of the queue, their keys with them; stops those that run. A queue that is down does so when their turn comes. */
  readonly withdraw = async (ended: readonly EndedWork[]): Promise<void> => {
    await timed('queue', Promise.allSettled(ended.map((one) => this.#withdraw(one))));
  };

  async #withdraw({ kind, id, run }: EndedWork): Promise<void> {
    const jobId = jobIdOf(id, run);
    await this.producer.withdraw(CONTRACT_OF[kind], jobId);
    // Whoever waits for it hears of it too, wherever the job is.
    await this.inbox.cancel(jobId);
  }
}
