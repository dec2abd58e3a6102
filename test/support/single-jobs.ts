import type {
  JobKind,
  JobTypes,
  NewQuery,
  NewRun,
  NewWrite,
  QueryClaim,
  RememberedWrite,
  RunnableJob,
  WriteClaim,
} from '@app/memory';
import { type Database, PostgresJobLifecycle, PostgresJobReader } from '@app/persistence';

type Failure = Parameters<PostgresJobLifecycle['fail']>[1][number]['failure'];

/** The transitions of one kind, for one job at a time: most tests follow a single row. */
class SingleJobs<Kind extends JobKind> {
  readonly lifecycle: PostgresJobLifecycle;

  constructor(
    readonly kind: Kind,
    protected readonly database: Database,
  ) {
    this.lifecycle = new PostgresJobLifecycle(database);
  }

  async claim(id: string, run: number): Promise<JobTypes[Kind]['claim'] | undefined> {
    const [claim] = await this.lifecycle.claim(this.kind, [{ id, run }]);
    return claim;
  }

  async complete(
    claim: JobTypes[Kind]['claim'],
    result: JobTypes[Kind]['result'],
  ): Promise<boolean> {
    const [outcome] = await this.lifecycle.succeed(this.kind, [{ claim, result }]);
    if (outcome?.status === 'rejected') throw outcome.reason;
    return outcome?.value !== undefined;
  }

  async fail(claim: WriteClaim | QueryClaim, failure: Failure): Promise<boolean> {
    return (await this.lifecycle.fail(this.kind, [{ job: claim, failure }]))[0] === true;
  }

  async handBack(claim: WriteClaim | QueryClaim): Promise<boolean> {
    return (await this.lifecycle.handBack(this.kind, [claim]))[0] === true;
  }

  async withdraw(id: string, failure: Failure): Promise<void> {
    await this.lifecycle.withdraw(this.kind, [{ id, failure }]);
  }
}

export class SingleWrites extends SingleJobs<'write'> {
  constructor(database: Database) {
    super('write', database);
  }

  accept(writes: readonly NewWrite[]) {
    return this.lifecycle.accept('write', writes);
  }

  remember(write: RememberedWrite) {
    return this.lifecycle.remember(write);
  }

  isWaitedFor({ id }: WriteClaim): Promise<boolean> {
    return new PostgresJobReader(this.database).isWaitedFor(id);
  }

  async stopWaiting(id: string): Promise<void> {
    await this.lifecycle.stopWaiting([id]);
  }
}

export class SingleQueries extends SingleJobs<'query'> {
  constructor(database: Database) {
    super('query', database);
  }

  async accept(query: NewQuery): Promise<void> {
    await this.lifecycle.accept('query', [query]);
  }
}

/** Reads jobs, and changes one at a time as a caller may. */
export class CallersJobs extends PostgresJobReader {
  readonly #lifecycle: PostgresJobLifecycle;

  constructor(database: Database) {
    super(database);
    this.#lifecycle = new PostgresJobLifecycle(database);
  }

  async runAgain(job: RunnableJob, again: NewRun): Promise<number | undefined> {
    return (await this.#lifecycle.runAgain(job.kind, [{ job, again }]))[0];
  }

  async cancel(job: RunnableJob): Promise<number | undefined> {
    return (await this.#lifecycle.cancel(job.kind, [job]))[0];
  }
}
