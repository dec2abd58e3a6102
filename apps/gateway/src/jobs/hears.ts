import type { Expected, ReplyInbox } from '@app/jobs';

/** Rarely: it is for what went wrong, and each look is a statement. */
const LOOK_EVERY_MS = 5_000;

/** One job that is waited for. */
interface Awaited {
  readonly inbox: Pick<ReplyInbox, 'hasGivenUp'>;
  readonly expected: Expected;
  /** What its row says. */
  readonly hasEnded: () => Promise<boolean>;
}

/**
 * Waits for a job's reply, and looks at its row now and then: a reply is lost with its queue, and what upkeep runs again
 * replies to nobody.
 * @returns false: nothing was heard in time, or nobody waits any more.
 */
export async function hears(
  { inbox, expected, hasEnded }: Awaited,
  waitMs: number,
  gone: AbortSignal,
): Promise<boolean> {
  for (let left = waitMs; left > 0; left -= LOOK_EVERY_MS) {
    if (await expected.reply(Math.min(left, LOOK_EVERY_MS), gone)) return true;
    if (gone.aborted || inbox.hasGivenUp) return false;
    if (left > LOOK_EVERY_MS && (await hasEnded())) return true;
  }
  return false;
}
