import { globSync, readFileSync } from 'node:fs';
import { CONTRACTS } from '@app/jobs';
import { describe, expect, it } from 'vitest';

const PROCESSOR = /\bdefineProcessor\((\w+), /g;

const contracts = globSync('libs/jobs/src/contracts/*.job.ts').flatMap((path) =>
  [...readFileSync(path, 'utf8').matchAll(/export const (\w+) = defineJob\(/g)].map(
    ([, name = '']) => name,
  ),
);
const processed = globSync('apps/*/src/*.module.ts').flatMap((path) =>
  [...readFileSync(path, 'utf8').matchAll(PROCESSOR)].map(([, name = '']) => name),
);

describe('job contracts', () => {
  it('are all registered', () => {
    expect(CONTRACTS).toHaveLength(contracts.length);
  });

  it('have exactly one processor each', () => {
    expect(processed.toSorted()).toEqual(contracts.toSorted());
  });
});
