import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** Patterns of a wait: a constant or field with a unit in its name, a timer, a delay, or an interval in SQL. */
const WAITS = [
  /\b\w*(?:_MS|_SECONDS|Ms|Seconds)\s*[:=]\s*[1-9][\d_]*/,
  /\b(?:setTimeout|setInterval|AbortSignal\.timeout)\([^)\n]*\b\d{2,}/,
  /\bdelay:\s*[1-9][\d_]*/,
  /\binterval '\d/,
];

/** Files with waits that are not part of a job's life, and the meaning of these waits. */
const NOT_A_JOBS_LIFE: Readonly<Record<string, string>> = {
  'apps/extraction-worker/src/extraction/read-facts.ts': 'a share of the event loop',
  'apps/gateway/src/configure.ts': 'timeout of an HTTP request',
  'apps/gateway/src/http/auth/authentication.ts': 'lifetime of a cached API key',
  'apps/gateway/src/http/body/receive-bodies.ts': 'timeout and Retry-After of a request body',
  'apps/gateway/src/http/event-stream.ts': 'keep-alive of an event stream',
  'apps/gateway/src/http/malformed-requests.ts': 'timeout of a connection',
  'apps/gateway/src/http/shutdown.ts': 'shutdown of the HTTP server',
  'apps/gateway/src/memories/read-batch.ts': 'a share of the event loop',
  'apps/query-worker/src/answering/answer-query.prompt.ts': 'length of a day',
  'libs/accounts/src/quota.ts': 'grace of a quota',
  'libs/caller-keys/src/opened-contexts.ts': 'lifetime of a derived key',
  'libs/caller-keys/src/sealing-contexts.ts': 'lifetime of a derived key',
  'libs/egress/src/guarded-fetch.ts': 'timeouts of a connection',
  'libs/egress/src/name-lookups.ts': 'timeouts of a DNS lookup',
  'libs/http-problems/src/failed-logins.ts': 'window of failed logins',
  'libs/llm-providers/src/anthropic/anthropic.provider.ts': 'timeout of a vendor SDK',
  'libs/llm-providers/src/errors/retry-after.ts': 'bound of a number that a provider sends',
  'libs/llm-providers/src/ladder/quirk-store.ts': 'lifetime of what is known of a host',
  'libs/llm-providers/src/openai/client-options.ts': 'timeout of a vendor SDK',
  'libs/memory/src/memories/version.ts': 'length of a day',
  'libs/memory/src/time/clock-time.ts': 'length of a minute',
  'libs/observability/src/readiness.ts': 'timeout of a health check',
  'libs/persistence/src/accounts/postgres-account-store.ts':
    'how often the use of an API key is noted',
  'libs/persistence/src/search/candidate-budget.ts': 'lifetime of search statistics',
  'libs/persistence/src/sql/account-shares.ts': 'Retry-After of a call without a connection',
  'libs/persistence/src/sql/data-source.ts': 'how long an idle connection stays open',
  'libs/persistence/src/sql/database.ts': 'timeouts of a connection and a statement',
  'libs/persistence/src/sql/long-work.ts': 'a share of the event loop',
  'libs/persistence/src/sql/failed-statement.ts': 'Retry-After of a failed statement',
};

const definesWait = (path: string): boolean =>
  WAITS.some((wait) => wait.test(readFileSync(path, 'utf8')));

const files = globSync('{apps,libs}/*/src/**/*.ts')
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => !/\.spec\.ts$|\/testing\/|\/__fixtures__\/|\/migrations\//.test(path))
  .filter((path) => path !== 'libs/jobs/src/policy.ts')
  .filter(definesWait);

describe('the numbers of a job’s life', () => {
  it('are defined in libs/jobs/src/policy.ts and in no other file', () => {
    const other = files.filter((path) => !Object.hasOwn(NOT_A_JOBS_LIFE, path));
    expect(other).toEqual([]);
  });

  it('have no exempt file that defines no wait', () => {
    expect(Object.keys(NOT_A_JOBS_LIFE).filter((path) => !files.includes(path))).toEqual([]);
  });

  it('are recognized in each way to write a wait', () => {
    const written = [
      'const LOCK_MS = 15_000;',
      'retryAfterMs: 5_000',
      'setTimeout(stop, 250)',
      'backoff: { delay: 10_000 }',
      "now() + interval '1 minute'",
    ];
    for (const text of written) expect(WAITS.some((wait) => wait.test(text))).toBe(true);
  });
});
