import { describe, expect, it } from 'vitest';

import { Plans, type Tier } from './plans.js';

const tier = (name: string): Tier => ({
  name,
  writesPerMonth: 1,
  queriesPerMonth: 2,
  requestsPerMinute: null,
});

describe('plans', () => {
  it('give each account its tier, or the default tier when its own is no longer configured', () => {
    const plans = new Plans([tier('pro'), tier('free')]);
    expect(plans.tierOf('pro').name).toBe('pro');
    expect(plans.tierOf('gone').name).toBe('free');
    expect(plans.tierOf('constructor').name).toBe('free');
    expect(plans.names).toEqual(['pro', 'free']);
  });

  it('cannot be built without the default tier', () => {
    expect(() => new Plans([tier('pro')])).toThrow(TypeError);
  });
});
