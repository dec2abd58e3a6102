import { DEFAULT_SETTINGS } from '@app/accounts';
import { aHistory, InMemoryMemoryStore } from '@app/memory/testing';
import { describe, expect, it } from 'vitest';

import { listSchema } from './memories.schemas.js';
import { MemoriesService } from './memories.service.js';

const ACCOUNT = 'c0ffee00-0000-4000-8000-000000000000';
const CALLER = {
  accountId: ACCOUNT,
  apiKeyId: ACCOUNT,
  planStatus: 'active',
  planTier: 'free',
  boundTenantId: null,
  readOnly: false,
  exhaustedAt: null,
  settings: DEFAULT_SETTINGS,
} as const;

describe('a list', () => {
  it.each([
    ['an hour ahead of', 3_600_000],
    ['an hour behind', -3_600_000],
  ])('goes on where Postgres’ clock is %s the gateway’s', async (_which, ahead) => {
    const stored = (agoMs: number) => new Date(Date.now() + ahead - agoMs);
    const store = new InMemoryMemoryStore(
      [3, 2, 1].map((ago) =>
        aHistory({ accountId: ACCOUNT, text: `${ago}`, createdAt: stored(ago * 1_000) }),
      ),
      () => stored(0),
    );
    const service = new MemoriesService(store);
    const facts: string[] = [];
    let cursor: string | undefined;
    do {
      const asked = listSchema.parse({ limit: '1', include_superseded: 'true', cursor });
      const page = await service.list(CALLER, asked);
      facts.push(...page.memories.map(({ decision }) => decision));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(facts).toEqual(['1', '2', '3']);
  });
});
