import { progress } from '@clack/prompts';

/** How far something has come, for people. */
export interface Progress {
  advance(what: string): void;
  finish(message: string): void;
}

/** A bar in a terminal, one line a step anywhere else. */
export function showProgress(message: string, steps: number): Progress {
  let done = 0;
  if (!process.stdout.isTTY) {
    console.log(message);
    return {
      advance: (what) => console.log(`  ${(done += 1)}/${steps} ${what}`),
      finish: (end) => console.log(end),
    };
  }
  const bar = progress({ max: steps, size: 30 });
  bar.start(message);
  return {
    advance: (what) => bar.advance(1, `${message} ${(done += 1)}/${steps}: ${what}`),
    finish: (end) => bar.stop(end),
  };
}
