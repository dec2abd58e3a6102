import { EgressPolicy } from '@app/egress/policy';
import { describe, expect, it } from 'vitest';

import { loopbackButOurOwn, loopbackPortOf } from './allowed-hosts.js';

describe('the hosts that the launcher allows', () => {
  const policy = new EgressPolicy({
    mode: 'public',
    allowedHosts: loopbackButOurOwn([41_000, 41_001]).split(','),
  });

  it.each(['http://localhost:11434/v1', 'http://127.0.0.1:8000/v1', 'http://[::1]:8000/v1'])(
    'let a model on this machine be called: %s',
    (url) => {
      expect(policy.check(url).href).toBe(url);
    },
  );

  it.each(['http://localhost:41000/', 'http://127.0.0.1:41001/', 'http://[::1]:41000/'])(
    'keep callers away from our own ports: %s',
    (url) => {
      expect(() => policy.check(url)).toThrow(
        expect.objectContaining({ code: 'llm_base_url_forbidden' }),
      );
    },
  );
});

describe('the port of a server that is set', () => {
  it.each([
    ['postgres://u:p@127.0.0.1:5433/aurra', [5433]],
    ['postgres://localhost/aurra', [5432]],
    ['redis://[::1]', [6379]],
    ['redis://queue.example:6380', []],
    ['not a url', []],
    [undefined, []],
  ])('of %s is ours to keep when it is on this machine: %j', (url, ports) => {
    expect(loopbackPortOf(url)).toEqual(ports);
  });
});
