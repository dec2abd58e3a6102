import type { Failure } from '@app/errors';
import {
  ALL_TENANTS,
  type Answer,
  type ErasureJob,
  type JobState,
  JobStore,
  type Question,
  type StoredJob,
  type WriteResult,
} from '@app/memory';

import { isUuid, type Stored, tenantOf } from './columns.js';
import type { Database } from './database.js';
import { readQuestion, readWriteResult } from './stored-requests.js';

const FIELDS =
  'id, account_id, state, attempt, created_at, started_at, finished_at, request_id, failure';
/** An erasure has one attempt, and does not fail. */
const ERASURE_FIELDS = `
  id, account_id, state, 1 as attempt, created_at, started_at, finished_at, request_id, null as failure`;

interface JobRow {
  readonly id: string;
  readonly account_id: string;
  readonly state: JobState;
  readonly attempt: number;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly request_id: string;
  readonly failure: Failure | null;
}

interface WriteRow extends JobRow {
  readonly tenant_id: string;
  readonly result: WriteResult | null;
}

interface QueryRow extends JobRow {
  readonly question: Stored<Question>;
  readonly answer: Answer | null;
}

interface ErasureRow extends JobRow {
  /** Null: of all tenants. */
  readonly tenant_id: string | null;
  readonly deleted_count: number;
}

export class TypeOrmJobStore extends JobStore {
  constructor(private readonly database: Database) {
    super();
  }

  async find(accountId: string, jobId: string): Promise<StoredJob | undefined> {
    if (!isUuid(jobId)) return undefined;
    return (
      (await this.#findWrite(accountId, jobId)) ??
      (await this.#findQuery(accountId, jobId)) ??
      (await this.#findErasure(accountId, jobId))
    );
  }

  async #findWrite(accountId: string, jobId: string): Promise<StoredJob | undefined> {
    const [row] = await this.database.query<WriteRow>(
      `select ${FIELDS}, tenant_id, result from writes where id = $1 and account_id = $2`,
      [jobId, accountId],
    );
    return (
      row && {
        ...fieldsOf(row),
        kind: 'write',
        tenantId: tenantOf(row.tenant_id),
        result: row.result && readWriteResult(row.result),
      }
    );
  }

  async #findQuery(accountId: string, jobId: string): Promise<StoredJob | undefined> {
    const [row] = await this.database.query<QueryRow>(
      `select ${FIELDS}, question, answer from queries where id = $1 and account_id = $2`,
      [jobId, accountId],
    );
    if (row === undefined) return undefined;
    const question = readQuestion(row.question);
    return {
      ...fieldsOf(row),
      kind: 'query',
      tenantId: question.scope.tenantId,
      question,
      result: row.answer,
    };
  }

  async #findErasure(accountId: string, jobId: string): Promise<ErasureJob | undefined> {
    const [row] = await this.database.query<ErasureRow>(
      `select ${ERASURE_FIELDS}, tenant_id, deleted_count from erasures where id = $1 and account_id = $2`,
      [jobId, accountId],
    );
    return (
      row && {
        ...fieldsOf(row),
        kind: 'erasure',
        tenantId: row.tenant_id === null ? ALL_TENANTS : tenantOf(row.tenant_id),
        result: { deletedCount: row.deleted_count },
      }
    );
  }
}

function fieldsOf(row: JobRow) {
  return {
    id: row.id,
    accountId: row.account_id,
    state: row.state,
    attempts: row.attempt,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    requestId: row.request_id,
    failure: row.failure,
  };
}
