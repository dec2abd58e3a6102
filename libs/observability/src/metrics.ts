import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const registry = new Registry();
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

collectDefaultMetrics({ register: registry });

/** All metrics. Values of labels come from our own lists, never from a caller's input. */
export const metrics = {
  registry,
  /** Runs `read` at each scrape, to update the gauge. */
  onCollect: (gauge: Gauge, read: () => Promise<void>): void => {
    Object.assign(gauge, { collect: read });
  },
  httpRequests: new Histogram({
    name: 'aurra_http_request_seconds',
    help: 'Time from request to answer, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [registry],
  }),
  loginsFailed: new Counter({
    name: 'aurra_logins_failed_total',
    help: 'Wrong credentials of an operator, by where they were sent (admin or board).',
    labelNames: ['at'],
    registers: [registry],
  }),
  jobsEnded: new Counter({
    name: 'aurra_jobs_ended_total',
    help: 'Jobs that a worker ended, by queue and outcome (succeeded, or the code of the failure).',
    labelNames: ['queue', 'outcome'],
    registers: [registry],
  }),
  jobsRetried: new Counter({
    name: 'aurra_jobs_retried_total',
    help: 'Attempts that failed and will be made again, by queue and code.',
    labelNames: ['queue', 'code'],
    registers: [registry],
  }),
  jobsRunAgain: new Counter({
    name: 'aurra_jobs_run_again_total',
    help: 'Accepted jobs that the queue had lost and upkeep ran again, by queue.',
    labelNames: ['queue'],
    registers: [registry],
  }),
  jobsKeyLost: new Counter({
    name: 'aurra_jobs_key_lost_total',
    help: 'Accepted jobs that upkeep ended because the queue had lost the caller key with them, by queue.',
    labelNames: ['queue'],
    registers: [registry],
  }),
  sealedTargetsWiped: new Counter({
    name: 'aurra_sealed_targets_wiped_total',
    help: 'Sealed keys that upkeep found in jobs that had ended, and wiped, by queue. Anything but 0 is a bug.',
    labelNames: ['queue'],
    registers: [registry],
  }),
  jobSeconds: new Histogram({
    name: 'aurra_job_seconds',
    help: 'Time of one attempt of a job, by queue.',
    labelNames: ['queue'],
    buckets: SECONDS,
    registers: [registry],
  }),
  llmCalls: new Counter({
    name: 'aurra_llm_calls_total',
    help: 'Calls to providers, by provider and whose account paid (caller or bundled).',
    labelNames: ['provider', 'account'],
    registers: [registry],
  }),
  llmTokens: new Counter({
    name: 'aurra_llm_tokens_total',
    help: 'Tokens that providers counted, by provider, account and direction (input or output).',
    labelNames: ['provider', 'account', 'direction'],
    registers: [registry],
  }),
  factsStored: new Counter({
    name: 'aurra_facts_stored_total',
    help: 'Facts that were stored as new memories.',
    registers: [registry],
  }),
  settingsWrong: new Gauge({
    name: 'aurra_settings_wrong',
    help: 'Whether a server that the process needs has settings that break a promise (1), by server. The log names the setting.',
    labelNames: ['of'],
    registers: [registry],
  }),
  queueOldestSeconds: new Gauge({
    name: 'aurra_queue_oldest_seconds',
    help: 'How long the oldest job that waits for a worker has waited, by queue; 0 when none does. Exported by ops.',
    labelNames: ['queue'],
    registers: [registry],
  }),
  queueJobs: new Gauge({
    name: 'aurra_queue_jobs',
    help: 'Jobs in a queue, by state. Exported by ops.',
    labelNames: ['queue', 'state'],
    registers: [registry],
  }),
} as const;
