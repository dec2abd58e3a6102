import { randomUUID } from 'node:crypto';

import {
  type Account,
  AccountStore,
  type Caller,
  DEFAULT_SETTINGS,
  type NewKey,
  QUOTA_SLOTS,
  type Settings,
  type StoredKey,
} from '@app/accounts';

import { AccountRow, ApiKeyRow } from '../entities/account.entity.js';
import { isUuid } from '../sql/columns.js';
import type { Database } from '../sql/database.js';
import { GroupedReads } from '../sql/grouped-reads.js';
import {
  clock,
  type Connection,
  msAsInterval,
  NOW,
  PERIOD,
  type Statements,
} from '../sql/statements.js';

/** Every call of the gateway needs it, so it is prepared and finds the callers of concurrent calls together. */
const FIND_CALLERS = `
  select encode(k.hash, 'hex') as hash, k.account_id as "accountId", k.id as "apiKeyId", a.plan_status as "planStatus",
         k.tenant_id as "boundTenantId", k.read_only as "readOnly", a.plan_tier as "planTier",
         e.exhausted_at as "exhaustedAt", k.settings
    from api_keys k join accounts a on a.id = k.account_id
         left join quota_exhaustions e on e.account_id = a.id and e.period = ${PERIOD}
   where k.hash = any($1) and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())`;

type FoundCaller = Omit<Caller, 'settings'> & {
  readonly hash: string;
  readonly settings: Partial<Settings>;
};

/** Postgres merges the settings, so that two changes at the same time both take effect. */
const CHANGE_SETTINGS = `
  update api_keys set settings = settings || $3::jsonb where id = $1 and account_id = $2 returning settings`;

/** The use of an API key is stored at most this often, by all processes together. */
const STORE_USE_EVERY_MS = 60_000;
const STORE_USE = `
  update api_keys set last_used_at = now()
   where id = $1 and (last_used_at is null or last_used_at < now() - ${msAsInterval(STORE_USE_EVERY_MS)})`;
const MAX_REMEMBERED_KEYS = 10_000;

export class PostgresAccountStore extends AccountStore {
  /** When this process last ran STORE_USE for a key, by its id. Most calls need no statement. */
  readonly #storedAt = new Map<string, number>();

  /** The callers of API keys, by the hash of the key in hex. */
  readonly #callers = new GroupedReads<Caller>((hashes) => this.#findCallers(hashes));

  constructor(private readonly database: Database) {
    super();
  }

  findCaller(hash: Buffer): Promise<Caller | undefined> {
    return this.#callers.get(hash.toString('hex'));
  }

  add({ name, planTier }: Pick<Account, 'name' | 'planTier'>, firstKey: NewKey) {
    return this.database.inTransaction(async (connection) => {
      const createdAt = await clock(connection);
      const account: Account = {
        id: randomUUID(),
        name,
        planTier,
        planStatus: 'active',
        createdAt,
      };
      await connection.repository(AccountRow).insert(account);
      return { account, key: await insertKey(connection, account.id, firstKey, createdAt) };
    });
  }

  async find(accountId: string): Promise<Account | undefined> {
    if (!isUuid(accountId)) return undefined;
    const found = await this.database.onConnection((connection) =>
      connection.repository(AccountRow).findOneBy({ id: accountId }),
    );
    return found ?? undefined;
  }

  list({ limit, after }: Parameters<AccountStore['list']>[0]): Promise<readonly Account[]> {
    return this.database.onConnection((connection) => {
      const page = connection
        .repository(AccountRow)
        .createQueryBuilder('account')
        .orderBy('account.createdAt', 'DESC')
        .addOrderBy('account.id', 'DESC')
        .limit(limit);
      if (after) page.where('(account.createdAt, account.id) < (:createdAt, :id)', after);
      return page.getMany();
    });
  }

  async change(
    accountId: string,
    { name, planTier, planStatus }: Parameters<AccountStore['change']>[1],
  ): Promise<Account | undefined> {
    if (!isUuid(accountId)) return undefined;
    return this.database.inTransaction(async (connection) => {
      const accounts = connection.repository(AccountRow);
      const before: Account | null = await accounts.findOne({
        where: { id: accountId },
        lock: { mode: 'pessimistic_write' },
      });
      if (before === null) return undefined;
      const changed = {
        name: name ?? before.name,
        planTier: planTier ?? before.planTier,
        planStatus: planStatus ?? before.planStatus,
      };
      await accounts.update({ id: accountId }, changed);
      if (planTier !== undefined) await beginTier(connection, accountId);
      return { ...before, ...changed };
    });
  }

  async addKey(accountId: string, key: NewKey): Promise<StoredKey | undefined> {
    if (!isUuid(accountId)) return undefined;
    return this.database.inTransaction(async (connection) => {
      // The lock keeps an erasure from deleting the account before its new key is stored.
      const account = await connection.repository(AccountRow).findOne({
        where: { id: accountId },
        lock: { mode: 'for_key_share' },
      });
      return account === null
        ? undefined
        : insertKey(connection, accountId, key, await clock(connection));
    });
  }

  async listKeys(accountId: string): Promise<readonly StoredKey[]> {
    if (!isUuid(accountId)) return [];
    const keys = await this.database.onConnection((connection) =>
      connection
        .repository(ApiKeyRow)
        .find({ where: { accountId }, order: { createdAt: 'ASC', id: 'ASC' } }),
    );
    return keys.map(storedKey);
  }

  async revokeKey(keyId: string): Promise<boolean> {
    if (!isUuid(keyId)) return false;
    const { affected } = await this.database.onConnection((connection) =>
      connection
        .repository(ApiKeyRow)
        .update({ id: keyId }, { revokedAt: () => `coalesce(revoked_at, ${NOW})` }),
    );
    return affected === 1;
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

  async recordUse(apiKeyId: string): Promise<void> {
    const now = Date.now();
    if (now - (this.#storedAt.get(apiKeyId) ?? 0) < STORE_USE_EVERY_MS) return;
    if (this.#storedAt.size >= MAX_REMEMBERED_KEYS) this.#storedAt.clear();
    this.#storedAt.set(apiKeyId, now);
    await this.database.query(STORE_USE, [apiKeyId]);
  }

  async #findCallers(hashes: readonly string[]): Promise<ReadonlyMap<string, Caller>> {
    const values = [hashes.map((hash) => Buffer.from(hash, 'hex'))];
    const found = await this.database.prepared<FoundCaller>('find_callers', FIND_CALLERS, values);
    return new Map(
      found.map(({ hash, settings, ...caller }) => [
        hash,
        { ...caller, settings: { ...DEFAULT_SETTINGS, ...settings } },
      ]),
    );
  }
}

async function insertKey(
  connection: Connection,
  accountId: string,
  key: NewKey,
  createdAt: Date,
): Promise<StoredKey> {
  const id = randomUUID();
  await connection.repository(ApiKeyRow).insert({ ...key, id, accountId, createdAt });
  return storedKey({ ...key, id, accountId, createdAt, lastUsedAt: null, revokedAt: null });
}

/** The row without its hash and its settings. */
const storedKey = (row: StoredKey): StoredKey => ({
  id: row.id,
  accountId: row.accountId,
  name: row.name,
  lastFour: row.lastFour,
  tenantId: row.tenantId,
  readOnly: row.readOnly,
  createdAt: row.createdAt,
  lastUsedAt: row.lastUsedAt,
  expiresAt: row.expiresAt,
  revokedAt: row.revokedAt,
});

/** Inserts rows in this order, because every statement must lock slots in the same order. */
const MAKE_SLOTS = `
  insert into quota_slots (account_id, period, kind, slot, used)
  select $1, ${PERIOD}, kind, slot, 0
    from unnest(array['query', 'write']) as kind, generate_series(0, ${QUOTA_SLOTS - 1}) as slot order by kind, slot
      on conflict do nothing`;

const LEVEL_SLOTS = `
  with held as materialized (
    select kind, slot, used from quota_slots where account_id = $1 and period = ${PERIOD} order by kind, slot for update
  ), totals as (
    select kind, sum(used) as used from held group by kind
  )
  update quota_slots as q
     set used = totals.used / ${QUOTA_SLOTS} + case when q.slot < totals.used % ${QUOTA_SLOTS} then 1 else 0 end
    from totals where q.account_id = $1 and q.period = ${PERIOD} and q.kind = totals.kind`;

const END_BLOCK = `delete from quota_exhaustions where account_id = $1 and period = ${PERIOD}`;

/**
 * Begins another tier. The used calls are spread evenly over the slots, as the new capacities are: a smaller limit would
 * otherwise refuse calls while some slots are still free. A grace period or block of the old tier ends.
 */
async function beginTier(statements: Statements, accountId: string): Promise<void> {
  await statements.query(MAKE_SLOTS, [accountId]);
  await statements.query(LEVEL_SLOTS, [accountId]);
  await statements.query(END_BLOCK, [accountId]);
}
