import { progress } from '@clack/prompts';

/** Shows the user how many steps of a long task are done. */
export interface Progress {
  advance(step: string): void;
  finish(message: string): void;
}

/** Shows a progress bar in a terminal, and prints one line per step if the output is not a terminal. */
export function showProgress(message: string, steps: number): Progress {
  let done = 0;
  if (!process.stdout.isTTY) {
    console.log(message);
    return {
      advance: (step) => console.log(`  ${(done += 1)}/${steps} ${step}`),
      finish: (end) => console.log(end),
    };
  }
  const bar = progress({ max: steps, size: 30 });
  bar.start(message);
  return {
    advance: (step) => bar.advance(1, `${message} ${(done += 1)}/${steps}: ${step}`),
    finish: (end) => bar.stop(end),
  };
}
