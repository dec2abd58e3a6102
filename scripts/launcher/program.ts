import type { Level } from './log-line.js';

/** The order in which things are stopped: what serves before what it needs. */
export const STOP_ORDER = ['gateway', 'worker', 'ops', 'simulator', 'queue', 'postgres'] as const;

export type Rank = (typeof STOP_ORDER)[number];

/** Something that the launcher runs. */
export interface Program {
  readonly name: string;
  readonly rank: Rank;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole of its environment: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  readonly identity?: Identity | undefined;
  /** Written to its standard input, which is then closed. */
  readonly input?: string;
  readonly stopSignal: NodeJS.Signals;
  readonly stopWithinMs: number;
  /** The level of a line that is not one of our JSON lines. */
  levelOf(line: string, stream: 'stdout' | 'stderr'): Level;
  /** Puts right what an earlier run or a crash left behind; before each start. */
  prepare?(): Promise<void>;
}

/** The user that a program runs as, where it is not our own. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}
