import type { App } from './child-settings.js';

/**
 * A worker holds thousands of calls that wait for a provider. With a smaller young generation V8 moves them to the old one
 * sooner, and the process needs less memory.
 */
const OF_WORKERS = ['--max-semi-space-size=8'];

/** The flags that Node starts an app with, wherever the product is started. Source maps would cost 33 MB in each process. */
export const nodeFlags = (app: App): readonly string[] =>
  app === 'extraction-worker' || app === 'query-worker' ? OF_WORKERS : [];
