import { setInterval } from 'node:timers';

import { HomeDirectory, takeLock } from './home-directory.js';
import { LaunchFailure } from './launch-failure.js';
import { Launch } from './launch.js';
import { type Level, Log } from './log.js';
import { readSettings } from './settings.js';
import { endLeftovers } from './watchdog.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const NODE_MAJOR = 24;
const PARENT_POLL_MS = 500;

/** Runs Aurra until a stop signal. @returns the exit code: 0 after a stop signal, 1 after a failure. */
export async function start(environment = process.env): Promise<number> {
  const stopping = new AbortController();
  listenForStop(stopping, environment);
  let log = new Log(process.stdout, 'info');
  try {
    checkNode();
    const settings = readSettings(environment);
    log = new Log(process.stdout, settings.LOG_LEVEL satisfies Level);
    const home = new HomeDirectory();
    home.create();
    const lock = takeLock(home);
    try {
      const left = await endLeftovers(home);
      if (left > 0) log.warn(`An earlier run had left ${left} processes: they are stopped.`);
      await new Launch(home, settings, environment, log, stopping).run();
    } finally {
      lock.release();
    }
    return 0;
  } catch (error) {
    if (!(error instanceof LaunchFailure)) throw error;
    log.error(error.message);
    return 1;
  }
}

/** A second signal changes nothing: the stop has begun already. */
function listenForStop(stopping: AbortController, environment: NodeJS.ProcessEnv): void {
  for (const signal of SIGNALS) process.on(signal, () => stopping.abort());
  // A closed terminal also closes the output, and then the launcher stops everything.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => stopping.abort());
  if (environment['npm_lifecycle_event'] === undefined) return;
  // npm forwards a signal to its shell only, and a killed npm forwards none. In both cases the parent process changes.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) stopping.abort();
  }, PARENT_POLL_MS).unref();
}

function checkNode(): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < NODE_MAJOR) {
    throw new LaunchFailure(
      `Aurra runs on Node ${NODE_MAJOR} and this is ${process.versions.node}: start it with npm start, which brings its own.`,
    );
  }
}
