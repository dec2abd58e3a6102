import {
  ATTEMPT_TIMEOUT_MS,
  LLM_TIMEOUT_MS,
  SHUTDOWN_GRACE_MS,
  SYNC_WAIT_MS,
} from '@app/jobs/policy';
import { z } from 'zod';

const number = z.coerce.number('must be a number');
const port = number.int('must be a port').min(0, 'must be a port').max(65_535, 'must be a port');
const count = number.int('must be a whole number').positive('must be positive');
const flag = z
  .enum(['true', 'false', '1', '0'], 'must be true or false')
  .transform((text) => text === 'true' || text === '1');

/** A secret that clients send. Attempts are limited, but a shorter secret could still be guessed (ASVS 5.0, 6.2.1). */
const secret = z
  .string()
  .min(8, 'must have at least 8 characters: make one with `openssl rand -base64 24`');

/** The host on which a server listens: an address of this machine or its name. */
const listenHost = z.string().regex(/^[A-Za-z0-9.:_-]{1,253}$/, 'must be an address or a name');

/** Types of single settings. */
export const setting = { port, milliseconds: count, flag, count, secret, listenHost };

export const postgresSettings = {
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }),
  DATABASE_POOL_SIZE: setting.count.default(16),
};

/**
 * Address of the queue. A queue on `postgres:` writes sealed keys to a disk, so only the launcher may use one; it sets
 * LOCAL_LAUNCH.
 */
export const queueSettings = {
  QUEUE_URL: z.url({
    protocol: /^(rediss?|postgres(ql)?)$/,
    error: 'must be a redis:// or rediss:// URL',
  }),
  LOCAL_LAUNCH: flag.default(false),
  /** Keeps several installations on one server apart. */
  QUEUE_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be letters, digits, dashes and underscores')
    .default('aurra'),
};

/** False: the queue is on Postgres, and the launcher did not start this process. */
export const queueIsAllowed = (settings: { QUEUE_URL: string; LOCAL_LAUNCH: boolean }): boolean =>
  settings.LOCAL_LAUNCH || settings.QUEUE_URL.startsWith('redis');

export const QUEUE_REFUSED = {
  path: ['QUEUE_URL'],
  message:
    'must be redis:// or rediss://; only `npm start` may keep the queue in Postgres, where a sealed key reaches a disk',
};

export const logSettings = {
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
};

export const probeSettings = {
  METRICS_PORT: port.default(9464),
  /** The address for every port of the process. Absent: all addresses, because processes run in containers. */
  LISTEN_HOST: listenHost.optional(),
};

/** A list `kid:base64,kid:base64`. The gateway seals to the first key; workers open with any of them. */
export const keyListSetting = z
  .string()
  .transform((list) => list.split(',').map((pair) => pair.trim()))
  .pipe(
    z
      .array(
        z.string().regex(/^[A-Za-z0-9_-]{1,32}:[A-Za-z0-9+/_=-]+$/, 'must be a list of kid:base64'),
      )
      .min(1),
  )
  .transform((pairs) =>
    pairs.map((pair) => {
      const colon = pair.indexOf(':');
      return { kid: pair.slice(0, colon), key: Buffer.from(pair.slice(colon + 1), 'base64') };
    }),
  );

const MAX_PORT = 65_535;

const host = z
  .string()
  .regex(
    /^!?(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i,
    'must be a list of host or host:port; a leading ! excludes a host',
  )
  .refine((entry) => {
    const colon = entry.lastIndexOf(':');
    if (colon <= entry.lastIndexOf(']')) return true;
    const listed = Number(entry.slice(colon + 1));
    return listed > 0 && listed <= MAX_PORT;
  }, 'must have ports from 1 to 65535');

/** The hosts that a caller may make us call. */
export const egressSettings = {
  LLM_EGRESS: z.enum(['public', 'listed']).default('public'),
  LLM_ALLOWED_HOSTS: z
    .string()
    .default('')
    .transform((list) =>
      list
        .split(',')
        .map((entry) => entry.trim())
        .filter(Boolean),
    )
    .pipe(z.array(host)),
};

/** How long one provider call, one attempt of a job and one waiting caller may take. */
export const timeoutSettings = {
  LLM_TIMEOUT_MS: count.default(LLM_TIMEOUT_MS),
  ATTEMPT_TIMEOUT_MS: count.default(ATTEMPT_TIMEOUT_MS),
  SYNC_WAIT_MS: count.default(SYNC_WAIT_MS),
};

/** The operator's own model account, for calls without `llm`. */
export const bundledSettings = {
  BUNDLED_ANTHROPIC_API_KEY: z.string().min(1).optional(),
  BUNDLED_ANTHROPIC_BASE_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
    .default('https://api.anthropic.com'),
  BUNDLED_EXTRACTION_MODEL: z.string().min(1).default('claude-opus-4-7'),
  BUNDLED_ANSWER_MODEL: z.string().min(1).default('claude-opus-4-7'),
};

/** Running attempts and waiting calls may go on for this long at shutdown. Then jobs are handed back and calls are answered. */
export const shutdownSettings = { SHUTDOWN_GRACE_MS: count.default(SHUTDOWN_GRACE_MS) };

/** Settings of every worker. Of these the gateway has only SHUTDOWN_GRACE_MS. */
const workerSettings = {
  CALLER_KEY_PRIVATE_KEYS: keyListSetting.refine(
    (keys) => keys.every(({ key }) => key.length === 32),
    'must hold keys of 32 bytes',
  ),
  /**
   * Jobs that one process runs at once for one account; for all accounts together it runs up to 1.5 times as many. The number
   * is high because a job spends nearly all its time waiting for a provider.
   */
  WORKER_CONCURRENCY: setting.count.default(200),
  ...shutdownSettings,
};

const { SYNC_WAIT_MS: _waitedForByTheGateway, ...workerTimeouts } = timeoutSettings;
const {
  BUNDLED_EXTRACTION_MODEL: _forWrites,
  BUNDLED_ANSWER_MODEL: _forQueries,
  ...bundledAccount
} = bundledSettings;

/** The environment of every worker. Each worker adds its own bundled model. */
export const workerEnvironment = {
  ...postgresSettings,
  ...queueSettings,
  ...probeSettings,
  ...logSettings,
  ...egressSettings,
  ...workerTimeouts,
  ...bundledAccount,
  ...workerSettings,
};

export type WorkerSettings = z.output<z.ZodObject<typeof workerEnvironment>>;
