import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { type App, childSettings, type HostEnvironment, pick } from './child-settings.js';
import { LaunchFailure } from './launch-failure.js';
import { nodeFlags } from './node-flags.js';
import type { Program } from './program.js';

const STOP_WITHIN_MS = 10_000;

const RANKS = {
  gateway: 'gateway',
  'extraction-worker': 'worker',
  'query-worker': 'worker',
  ops: 'ops',
  // The migrator ends by itself. When it has to be stopped, that happens before the database stops.
  migrator: 'gateway',
} as const;

const inProject = (path: string): string =>
  fileURLToPath(new URL(`../../${path}`, import.meta.url));

const bundleOf = (app: App): string => inProject(`dist/apps/${app}/main.js`);

/** @throws LaunchFailure when the apps have not been built. */
export function checkBundles(apps: readonly App[]): void {
  const missing = apps.filter((app) => !existsSync(bundleOf(app)));
  if (missing.length > 0) {
    throw new LaunchFailure(
      `Not built yet: ${missing.join(', ')}. Start with npm start, which builds first.`,
    );
  }
}

/** One app, run from its bundle with the settings that it needs. */
export function appProgram(app: App, given: HostEnvironment, invented: HostEnvironment): Program {
  return {
    ...nodeProgram,
    name: app,
    rank: RANKS[app],
    args: [...nodeFlags(app), bundleOf(app)],
    environment: childSettings(app, given, invented),
  };
}

/** The provider simulator, for a machine without a model. */
export function simulatorProgram(given: HostEnvironment, port: number): Program {
  return {
    ...nodeProgram,
    name: 'simulator',
    rank: 'simulator',
    args: ['--import', import.meta.resolve('tsx'), inProject('scripts/simulator/main.ts')],
    environment: {
      ...pick(given),
      SIMULATOR_PORT: String(port),
      TSX_TSCONFIG_PATH: inProject('tsconfig.json'),
    },
  };
}

const nodeProgram = {
  command: process.execPath,
  stopSignal: 'SIGTERM',
  stopWithinMs: STOP_WITHIN_MS,
  levelOf: (_line: string, stream: 'stdout' | 'stderr') =>
    stream === 'stderr' ? ('error' as const) : ('info' as const),
} as const;
