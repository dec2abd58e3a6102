import { DEFAULT_SETTINGS } from '@app/accounts';
import { aHistory, InMemoryMemoryStore } from '@app/memory/testing';
import { describe, expect, it } from 'vitest';

import { listSchema } from './memories.schemas.js';
import { MemoriesService, momentOfPage } from './memories.service.js';

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

describe('the list of memories', () => {
  it.each([
    ['an hour ahead of', 3_600_000],
    ['an hour behind', -3_600_000],
  ])(
    'continues on the next page when the clock of Postgres is %s the gateway’s',
    async (_which, ahead) => {
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
    },
  );
});

const MAY = new Date('2026-05-01T00:00:00Z');
const READ = new Date('2026-06-01T00:00:00Z');

describe('the moment of a page of the list', () => {
  it('is the requested moment on the first page', () => {
    expect(momentOfPage({ as_of: MAY }, undefined)).toEqual({
      asOf: MAY,
      transactionAsOf: undefined,
    });
  });

  it('is the time of the first page on later pages of the default list', () => {
    expect(momentOfPage({}, READ)).toEqual({ asOf: READ, transactionAsOf: READ });
  });

  it('keeps the requested valid time on later pages', () => {
    expect(momentOfPage({ as_of: MAY }, READ)).toEqual({ asOf: MAY, transactionAsOf: READ });
  });

  it('keeps the requested transaction time on later pages, without a valid time', () => {
    expect(momentOfPage({ transaction_as_of: MAY }, READ)).toEqual({
      asOf: undefined,
      transactionAsOf: MAY,
    });
  });

  it('is the time of the first page where the requested transaction time is in the future', () => {
    const future = new Date('2027-01-01T00:00:00Z');
    expect(momentOfPage({ transaction_as_of: future }, READ)).toEqual({
      asOf: undefined,
      transactionAsOf: READ,
    });
  });
});
