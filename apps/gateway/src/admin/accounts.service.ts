import { AccountStore, DEFAULT_TIER, mintApiKey, type NewKey, Plans } from '@app/accounts';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { hashOfList, nextCursor, readCursor } from '../http/cursor.js';
import { refusalOf } from '../http/body/faults.js';
import { notFound, requireFound } from '../http/require-found.js';
import { viewAccount, viewApiKey } from './account.view.js';
import type {
  AccountChanges,
  AccountListView,
  AccountPage,
  AccountView,
  ApiKeyListView,
  MadeAccountView,
  MadeApiKeyView,
  NewAccount,
  NewApiKey,
  RevokedView,
} from './accounts.schemas.js';

const LIST_HASH = hashOfList('accounts');

@Injectable()
export class AccountsService {
  constructor(
    private readonly accounts: AccountStore,
    private readonly plans: Plans,
  ) {}

  async add({ name, plan_tier }: NewAccount): Promise<MadeAccountView> {
    const planTier = plan_tier ?? DEFAULT_TIER;
    this.#checkTier(planTier);
    const { apiKey, ...minted } = mintApiKey();
    const firstKey: NewKey = {
      ...minted,
      name: null,
      tenantId: null,
      readOnly: false,
      expiresAt: null,
    };
    const { account, key } = await timed('db', this.accounts.add({ name, planTier }, firstKey));
    return {
      account_id: account.id,
      name: account.name,
      plan_tier: account.planTier,
      api_key_id: key.id,
      api_key: apiKey,
    };
  }

  async list({ limit, cursor }: AccountPage): Promise<AccountListView> {
    const mark = cursor === undefined ? undefined : readCursor(cursor, LIST_HASH);
    const some = await timed('db', this.accounts.list({ limit: limit + 1, after: mark?.after }));
    const page = some.slice(0, limit);
    return {
      count: page.length,
      accounts: page.map(viewAccount),
      next_cursor: nextCursor(page, some.length > limit, LIST_HASH, mark?.readAt),
    };
  }

  async get(accountId: string): Promise<AccountView> {
    return viewAccount(await requireFound(accountId, (id) => timed('db', this.accounts.find(id))));
  }

  async change(accountId: string, changes: AccountChanges): Promise<AccountView> {
    const { name, plan_tier: planTier, plan_status: planStatus } = changes;
    if (planTier !== undefined) this.#checkTier(planTier);
    const account = await requireFound(accountId, (id) =>
      timed('db', this.accounts.change(id, { name, planTier, planStatus })),
    );
    return viewAccount(account);
  }

  async addKey(accountId: string, asked: NewApiKey): Promise<MadeApiKeyView> {
    const { apiKey, ...minted } = mintApiKey();
    const key: NewKey = {
      ...minted,
      name: asked.name ?? null,
      tenantId: asked.tenant_id ?? null,
      readOnly: asked.read_only ?? false,
      expiresAt: asked.expires_at ?? null,
    };
    const stored = await requireFound(accountId, (id) =>
      timed('db', this.accounts.addKey(id, key)),
    );
    return { ...viewApiKey(stored), api_key: apiKey };
  }

  async listKeys(accountId: string): Promise<ApiKeyListView> {
    await this.get(accountId);
    const keys = await timed('db', this.accounts.listKeys(accountId));
    return { count: keys.length, keys: keys.map(viewApiKey) };
  }

  async revokeKey(keyId: string): Promise<RevokedView> {
    const isRevoked = await requireFound(keyId, (id) => timed('db', this.accounts.revokeKey(id)));
    if (!isRevoked) throw notFound();
    return { status: 'revoked', api_key_id: keyId };
  }

  #checkTier(planTier: string): void {
    const { names } = this.plans;
    if (names.includes(planTier)) return;
    const message = `must be a tier of this installation: ${names.join(', ')}`;
    throw refusalOf([{ path: ['plan_tier'], message }]);
  }
}
