import { randomUUID } from 'node:crypto';

import {
  type Account,
  AccountStore,
  type Caller,
  DEFAULT_SETTINGS,
  type NewKey,
  type PlanStatus,
  QUOTA_SLOTS,
  type Settings,
  type StoredKey,
} from '@app/accounts';

import { isUuid } from '../sql/columns.js';
import type { Database } from '../sql/database.js';
import { NOW, PERIOD, type Statements } from '../sql/statements.js';

/** Quoted names: rows come back as the domain has them. */
const ACCOUNT =
  'id, name, plan_tier as "planTier", plan_status as "planStatus", created_at as "createdAt"';
const KEY = `id, account_id as "accountId", name, last_four as "lastFour", tenant_id as "tenantId", read_only as "readOnly",
  created_at as "createdAt", last_used_at as "lastUsedAt", expires_at as "expiresAt", revoked_at as "revokedAt"`;

/** Each call of the API asks this once. */
const FIND_CALLER = `
  select k.account_id as "accountId", k.id as "apiKeyId", a.plan_status as "planStatus",
         k.tenant_id as "boundTenantId", k.read_only as "readOnly", a.plan_tier as "planTier",
         e.exhausted_at as "exhaustedAt", k.settings
    from api_keys k join accounts a on a.id = k.account_id
         left join quota_exhaustions e on e.account_id = a.id and e.period = ${PERIOD}
   where k.hash = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())`;

type FoundCaller = Caller & { readonly settings: Partial<Settings> };

const CHANGE_SETTINGS = `
  update api_keys set settings = settings || $3::jsonb where id = $1 and account_id = $2 returning settings`;

const INSERT_KEY = `
  insert into api_keys (id, account_id, hash, last_four, name, tenant_id, read_only, expires_at, created_at)
  select $1, id, $3, $4, $5, $6, $7, $8, ${NOW} from accounts where id = $2
  returning ${KEY}`;

const CHANGE = `
  update accounts
     set name = coalesce($2, name), plan_tier = coalesce($3, plan_tier), plan_status = coalesce($4, plan_status)
   where id = $1 returning ${ACCOUNT}`;

const NOTE_USE = `
  update api_keys set last_used_at = now()
   where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')`;
const NOTE_EVERY_MS = 60_000;
const KEYS_REMEMBERED = 10_000;

export class PostgresAccountStore extends AccountStore {
  /** When this process last wrote down that a key was used: most calls then ask Postgres nothing. */
  readonly #noted = new Map<string, number>();

  constructor(private readonly database: Database) {
    super();
  }

  async findCaller(hash: Buffer): Promise<Caller | undefined> {
    const [caller] = await this.database.prepared<FoundCaller>('find_caller', FIND_CALLER, [hash]);
    return caller && { ...caller, settings: { ...DEFAULT_SETTINGS, ...caller.settings } };
  }

  add({ name, planTier }: { readonly name: string; readonly planTier: string }, firstKey: NewKey) {
    return this.database.inTransaction(async (statements) => {
      const [account] = await statements.query<Account>(
        `insert into accounts (id, name, plan_tier, plan_status, created_at) values ($1, $2, $3, 'active', ${NOW}) returning ${ACCOUNT}`,
        [randomUUID(), name, planTier],
      );
      const key = account && (await insertKey(statements, account.id, firstKey));
      if (account === undefined || key === undefined)
        throw new Error('An account that was stored is not there');
      return { account, key };
    });
  }

  async find(accountId: string): Promise<Account | undefined> {
    if (!isUuid(accountId)) return undefined;
    const [account] = await this.database.query<Account>(
      `select ${ACCOUNT} from accounts where id = $1`,
      [accountId],
    );
    return account;
  }

  list({
    limit,
    after,
  }: {
    readonly limit: number;
    readonly after?: { readonly createdAt: Date; readonly id: string } | undefined;
  }) {
    return this.database.query<Account>(
      `select ${ACCOUNT} from accounts
        where $2::timestamptz is null or (created_at, id) < ($2, $3::uuid)
        order by created_at desc, id desc limit $1`,
      [limit, after?.createdAt ?? null, after?.id ?? null],
    );
  }

  async change(
    accountId: string,
    changes: {
      readonly name?: string | undefined;
      readonly planTier?: string | undefined;
      readonly planStatus?: PlanStatus | undefined;
    },
  ): Promise<Account | undefined> {
    if (!isUuid(accountId)) return undefined;
    const { name = null, planTier = null, planStatus = null } = changes;
    return this.database.inTransaction(async (statements) => {
      const values = [accountId, name, planTier, planStatus];
      const [account] = await statements.query<Account>(CHANGE, values);
      if (account && planTier !== null) await beginTier(statements, accountId);
      return account;
    });
  }

  async addKey(accountId: string, key: NewKey): Promise<StoredKey | undefined> {
    return isUuid(accountId) ? insertKey(this.database, accountId, key) : undefined;
  }

  async listKeys(accountId: string): Promise<readonly StoredKey[]> {
    if (!isUuid(accountId)) return [];
    return this.database.query(
      `select ${KEY} from api_keys where account_id = $1 order by created_at, id`,
      [accountId],
    );
  }

  async revokeKey(keyId: string): Promise<boolean> {
    if (!isUuid(keyId)) return false;
    const revoked = await this.database.query(
      `update api_keys set revoked_at = coalesce(revoked_at, ${NOW}) where id = $1 returning id`,
      [keyId],
    );
    return revoked.length === 1;
  }

  async changeSettings(
    { accountId, apiKeyId }: Pick<Caller, 'accountId' | 'apiKeyId'>,
    changes: Partial<Settings>,
  ): Promise<Settings | undefined> {
    const [row] = await this.database.query<{ settings: Partial<Settings> }>(CHANGE_SETTINGS, [
      apiKeyId,
      accountId,
      JSON.stringify(changes),
    ]);
    return row && { ...DEFAULT_SETTINGS, ...row.settings };
  }

  async noteUse(apiKeyId: string): Promise<void> {
    const now = Date.now();
    if (now - (this.#noted.get(apiKeyId) ?? 0) < NOTE_EVERY_MS) return;
    if (this.#noted.size >= KEYS_REMEMBERED) this.#noted.clear();
    this.#noted.set(apiKeyId, now);
    await this.database.query(NOTE_USE, [apiKeyId]);
  }
}

async function insertKey(
  statements: Statements,
  accountId: string,
  key: NewKey,
): Promise<StoredKey | undefined> {
  const { hash, lastFour, name, tenantId, readOnly, expiresAt } = key;
  const [stored] = await statements.query<StoredKey>(INSERT_KEY, [
    randomUUID(),
    accountId,
    hash,
    lastFour,
    name,
    tenantId,
    readOnly,
    expiresAt,
  ]);
  return stored;
}

/** In the order in which every statement takes slots. */
const MAKE_SLOTS = `
  insert into quota_slots (account_id, period, kind, slot, used)
  select $1, ${PERIOD}, kind, slot, 0
    from unnest(array['query', 'write']) as kind, generate_series(0, ${QUOTA_SLOTS - 1}) as slot order by kind, slot
      on conflict do nothing`;

const LEVEL = `
  with held as materialized (
    select kind, slot, used from quota_slots where account_id = $1 and period = ${PERIOD} order by kind, slot for update
  ), totals as (
    select kind, sum(used) as used from held group by kind
  )
  update quota_slots as q
     set used = totals.used / ${QUOTA_SLOTS} + case when q.slot < totals.used % ${QUOTA_SLOTS} then 1 else 0 end
    from totals where q.account_id = $1 and q.period = ${PERIOD} and q.kind = totals.kind`;

const FORGIVE = `delete from quota_exhaustions where account_id = $1 and period = ${PERIOD}`;

/**
 * Another tier: what was used is spread evenly over the slots, as their new capacities are, so that a smaller limit is
 * exact as well; and a block ends.
 */
async function beginTier(statements: Statements, accountId: string): Promise<void> {
  await statements.query(MAKE_SLOTS, [accountId]);
  await statements.query(LEVEL, [accountId]);
  await statements.query(FORGIVE, [accountId]);
}
