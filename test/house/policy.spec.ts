import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** A number that is a wait: a constant or field with a unit in its name, a timer, or an interval in SQL. */
const WAITS = [
  /\b\w*(?:_MS|_SECONDS|Ms|Seconds)\s*[:=]\s*[1-9][\d_]*/,
  /\b(?:setTimeout|setInterval|AbortSignal\.timeout)\([^)\n]*\b\d{2,}/,
  /\bdelay:\s*[1-9][\d_]*/,
  /\binterval '\d/,
];

/** Waits that are not part of a job's life, and why. */
const NOT_A_JOBS_LIFE: Readonly<Record<string, string>> = {
  'apps/extraction-worker/src/extraction/read-facts.ts': 'a share of the event loop',
  'apps/gateway/src/configure.ts': 'timeout of an HTTP request',
  'apps/query-worker/src/answering/answer-query.prompt.ts': 'length of a day',
  'libs/accounts/src/quota.ts': 'grace of a quota',
  'libs/http-problems/src/failed-logins.ts': 'window of failed logins',
  'libs/llm-providers/src/quirk-store.ts': 'lifetime of what is known of a host',
  'libs/memory/src/memories/version.ts': 'length of a day',
  'libs/memory/src/time/clock-time.ts': 'length of a minute',
  'libs/observability/src/readiness.ts': 'timeout of a health check',
};
/** Folders whose waits are those of sockets, statements and requests. */
const FOLDERS = [
  'apps/gateway/src/http/',
  'libs/egress/src/',
  'libs/llm-providers/src/',
  'libs/persistence/src/accounts/',
  'libs/persistence/src/memories/',
  'libs/persistence/src/search/',
  'libs/persistence/src/sql/',
];

/** Files that still define a wait of a job's life. Move their numbers to policy.ts, and delete their lines here. */
const NOT_MOVED_YET = new Set([
  'apps/gateway/src/deadlines.ts',
  'apps/gateway/src/jobs/cancel.service.ts',
  'apps/gateway/src/jobs/hears.ts',
  'apps/gateway/src/jobs/pulse.ts',
  'apps/gateway/src/jobs/silence.ts',
  'apps/gateway/src/memories/read-batch.ts',
  'apps/gateway/src/queries/waited-answers.ts',
  'libs/memory/src/jobs/unfinished-store.ts',
  'libs/persistence/src/erasure/postgres-erasure-store.ts',
  'libs/persistence/src/jobs/accept-writes.ts',
  'libs/persistence/src/jobs/account-shares.ts',
  'libs/persistence/src/jobs/change-jobs.ts',
  'libs/persistence/src/jobs/postgres-ended-store.ts',
  'libs/persistence/src/jobs/postgres-replay-store.ts',
  'libs/persistence/src/jobs/typeorm-query-store.ts',
]);

const definesWait = (path: string): boolean =>
  WAITS.some((wait) => wait.test(readFileSync(path, 'utf8')));

const files = globSync('{apps,libs}/*/src/**/*.ts')
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => !/\.spec\.ts$|\/testing\/|\/__fixtures__\/|\/migrations\//.test(path))
  .filter((path) => path !== 'libs/jobs/src/policy.ts')
  .filter(definesWait);

describe('the numbers of a job’s life', () => {
  it('are defined in libs/jobs/src/policy.ts and in no other file', () => {
    const other = files.filter(
      (path) =>
        !NOT_MOVED_YET.has(path) &&
        !Object.hasOwn(NOT_A_JOBS_LIFE, path) &&
        !FOLDERS.some((folder) => path.startsWith(folder)),
    );
    expect(other).toEqual([]);
  });

  it('recognizes each way to write a wait', () => {
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
