import { z } from 'zod';

import type { HomeDirectory } from './home-directory.js';
import { birthOf, endProcess, isAlive, isGoneWithin } from './processes.js';
import { WATCHED_FILE } from './watchdog.js';

/** The watchdog of a launcher that was killed is given this long to end what was left. */
const WATCHDOG_MS = 5_000;
const END_WITHIN_MS = 20_000;

const leftSchema = z.array(
  z.object({
    pid: z.int(),
    birth: z.string(),
    signal: z.string().transform((signal) => signal as NodeJS.Signals),
    rank: z.int(),
  }),
);

/** Ends what an earlier run left behind, where neither its launcher nor its watchdog could. @returns how many. */
export async function endLeftovers(home: HomeDirectory): Promise<number> {
  const left = (leftSchema.safeParse(home.find(WATCHED_FILE)).data ?? [])
    .filter(({ pid, birth }) => isAlive(pid) && birthOf(pid) === birth)
    .toSorted((one, other) => one.rank - other.rank);
  const patience = Date.now() + WATCHDOG_MS;
  let ended = 0;
  for (const { pid, signal } of left) {
    if (await isGoneWithin(pid, patience - Date.now())) continue;
    await endProcess(pid, signal, END_WITHIN_MS);
    ended += 1;
  }
  return ended;
}
