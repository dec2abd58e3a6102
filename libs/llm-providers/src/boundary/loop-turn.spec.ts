import { runForAccount } from '@app/egress';
import { expect, it } from 'vitest';

import { waitForLoopTurn } from './loop-turn.js';

it('starts one waiting step in each turn of the event loop, and the accounts take turns', async () => {
  const begun: string[] = [];
  const step = (account: string): Promise<void> =>
    runForAccount(account, async () => {
      await waitForLoopTurn();
      begun.push(account);
    });
  const turns: number[] = [];
  let isOver = false;
  const watch = (): void => {
    turns.push(begun.length);
    if (!isOver) setImmediate(watch);
  };
  setImmediate(watch);
  const steps = ['a', 'a', 'a', 'a', 'b', 'c', 'b'].map(step);
  await Promise.all(steps);
  isOver = true;
  expect(begun).toEqual(['a', 'b', 'c', 'a', 'b', 'a', 'a']);
  const inEachTurn = turns.map((count, at) => count - (turns[at - 1] ?? 0));
  expect(Math.max(...inEachTurn)).toBe(1);

  const later = step('d');
  await later;
  expect(begun.at(-1)).toBe('d');
});
