import { describe, expect, it } from 'vitest';

import { Plans, type Tier } from './plans.js';

const tier = (name: string): Tier => ({
  name,
  writesPerMonth: 1,
  queriesPerMonth: 2,
  requestsPerMinute: null,
});

describe('plans', () => {
  it('give each account its tier, and the default where that is no longer there', () => {
    const plans = new Plans([tier('pro'), tier('free')]);
    expect(plans.tierOf('pro').name).toBe('pro');
    expect(plans.tierOf('gone').name).toBe('free');
    expect(plans.tierOf('constructor').name).toBe('free');
    expect(plans.names).toEqual(['pro', 'free']);
  });

  it('are none without the tier of new accounts', () => {
    expect(() => new Plans([tier('pro')])).toThrow(TypeError);
  });
});
