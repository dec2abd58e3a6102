import { AppError } from '@app/errors';
import { describe, expect, it } from 'vitest';

import { EgressPolicy } from './egress-policy.js';

const policy = (allowedHosts: string[] = [], mode: 'public' | 'listed' = 'public'): EgressPolicy =>
  new EgressPolicy({ mode, allowedHosts });

function verdict(by: EgressPolicy, url: string | URL): string {
  try {
    return by.check(url).href;
  } catch (error) {
    if (error instanceof AppError && error.code === 'llm_base_url_forbidden') return 'forbidden';
    throw error;
  }
}

const FORBIDDEN: Readonly<Record<string, readonly string[]>> = {
  'plain http': ['http://api.example.org/v1'],
  'another protocol': ['ftp://api.example.org', 'file:///etc/passwd', 'data:,x', 'javascript:1'],
  'text that is not a URL': [
    '',
    'api.example.org',
    'https://',
    'https://a b.example.org',
    'https://exa\tmple.org',
    'https:\\\\api.example.org',
  ],
  'a user name': [
    'https://user@api.example.org',
    'https://user:pass@api.example.org',
    'https://@api.example.org',
    'https://api.example.org/a@b',
  ],
  'a query or fragment': [
    'https://api.example.org?a=1',
    'https://api.example.org/#x',
    'https://api.example.org?',
    'https://evil.example.org#.openai.azure.com',
  ],
  'its length': [`https://api.example.org/${'a'.repeat(2_100)}`],
  'a private address': [
    'https://10.0.0.1',
    'https://192.168.0.1/v1',
    'https://172.16.3.4',
    'https://100.64.0.1',
    'https://[fd00::1]',
    'https://[fe80::1]',
  ],
  'this machine': [
    'https://127.0.0.1',
    'https://localhost',
    'https://0.0.0.0',
    'https://[::1]',
    'https://[::]',
    'https://app.localhost',
  ],
  'this machine in disguise': [
    'https://2130706433',
    'https://0x7f.1',
    'https://0177.0.0.1',
    'https://127.1',
    'https://[::ffff:127.0.0.1]',
    'https://[::ffff:7f00:1]',
    'https://[64:ff9b::7f00:1]',
    'https://127.0.0.1.',
    'https://１２７.0.0.1',
    'https://%31%32%37.0.0.1',
  ],
  'metadata services': [
    'https://169.254.169.254',
    'https://metadata.google.internal',
    'https://metadata',
    'https://[fd00:ec2::254]',
    'https://168.63.129.16',
    'https://2852039166',
  ],
  'internal names': [
    'https://kubernetes',
    'https://vllm.models.svc.cluster.local',
    'https://db.internal',
    'https://printer.local',
    'https://x.consul',
    'https://a.home.arpa',
    'https://intranet',
  ],
  'names of wildcard DNS services': [
    'https://127.0.0.1.nip.io',
    'https://10-0-0-1.sslip.io',
    'https://a.localtest.me',
    'https://nip.io',
  ],
  'a trailing dot': ['https://api.example.org.', 'https://db.internal.'],
  'look-alikes': ['https://xn--pple-43d.com', 'https://аpple.com', 'https://api.exam%70le.org'],
  'ports of other services': [
    'https://api.example.org:22',
    'https://api.example.org:5432',
    'https://api.example.org:6379',
    'https://8.8.8.8:25',
  ],
};

describe('a base_url in the mode `public`', () => {
  it.each([
    'https://api.example.org',
    'https://api.example.org/v1/',
    'https://api.example.org:8443/x',
    'https://8.8.8.8/v1',
    'https://[2606:4700::1111]/',
    'https://no-such-host.invalid/v1',
  ])('%s may be called', (url) => {
    expect(verdict(policy(), url)).toBe(new URL(url).href);
  });

  it.each(Object.entries(FORBIDDEN).flatMap(([why, urls]) => urls.map((url) => [why, url])))(
    'is refused because of %s: %s',
    (_why, url) => {
      expect(verdict(policy(), url)).toBe('forbidden');
    },
  );

  it('is checked in the same way as a URL object', () => {
    expect(verdict(policy(), new URL('https://api.example.org/v1'))).toBe(
      'https://api.example.org/v1',
    );
    expect(verdict(policy(), new URL('https://127.1'))).toBe('forbidden');
    expect(verdict(policy(), new URL('https://u:p@api.example.org'))).toBe('forbidden');
  });

  it('is not quoted in the refusal', () => {
    expect(() => policy().check('https://user:hunter2@secret.example.org')).toThrow(
      expect.objectContaining({ message: expect.not.stringMatching(/hunter2|secret/) }),
    );
  });
});

describe('a listed host', () => {
  const listed = policy([
    '127.0.0.1',
    'localhost:11434',
    '[::1]:8080',
    'vllm.models.svc.cluster.local',
    '10.0.0.7:5432',
    '169.254.169.254',
    'metadata.google.internal',
  ]);

  it.each([
    'http://127.0.0.1:9999/v1',
    'https://127.0.0.1',
    'http://localhost:11434/v1',
    'http://[::1]:8080',
    'http://vllm.models.svc.cluster.local:8000/v1',
    'http://10.0.0.7:5432',
    'http://2130706433:81',
  ])('%s may be called', (url) => {
    expect(verdict(listed, url)).toBe(new URL(url).href);
  });

  it.each([
    'http://localhost:11435',
    'http://localhost',
    'http://[::1]:8081',
    'http://10.0.0.7',
    'http://127.0.0.1:6379',
    'http://127.0.0.2',
    'http://127.0.0.1?x',
    'http://vllm.models.svc.cluster.local.',
  ])('%s is refused', (url) => {
    expect(verdict(listed, url)).toBe('forbidden');
  });

  it.each([
    'http://169.254.169.254/latest',
    'http://metadata.google.internal',
    'http://[::ffff:169.254.169.254]',
  ])('%s of a metadata service may not be called, although it is listed', (url) => {
    expect(verdict(listed, url)).toBe('forbidden');
  });

  it('is the only permitted one in the mode `listed`', () => {
    const only = policy(['api.example.org'], 'listed');
    expect(verdict(only, 'https://api.example.org/v1')).toBe('https://api.example.org/v1');
    expect(verdict(only, 'https://api.example.com/v1')).toBe('forbidden');
    expect(verdict(only, 'https://8.8.8.8')).toBe('forbidden');
  });
});

describe('an excluded address', () => {
  const launcher = policy([
    'localhost',
    '127.0.0.1',
    '[::1]',
    '!127.0.0.1:5555',
    '!api.example.org',
  ]);

  it.each([
    'http://127.0.0.1:5555',
    'http://localhost:5555',
    'http://[::1]:5555',
    'https://localhost:5555',
  ])('%s may not be called, by any name of this machine', (url) => {
    expect(verdict(launcher, url)).toBe('forbidden');
  });

  it('does not exclude other ports', () => {
    expect(verdict(launcher, 'http://localhost:5556')).toBe('http://localhost:5556/');
  });

  it('may be a public host', () => {
    expect(verdict(launcher, 'https://api.example.org')).toBe('forbidden');
    expect(verdict(launcher, 'https://api.example.com')).toBe('https://api.example.com/');
  });

  it('is not reached through a listed name that resolves to it', () => {
    expect(launcher.permitsAddress('localhost', '5555', '127.0.0.1')).toBe(false);
    expect(launcher.permitsAddress('localhost', '5555', '::1')).toBe(false);
    expect(launcher.permitsAddress('localhost', '5556', '127.0.0.1')).toBe(true);
  });
});

describe('an address that a name resolves to', () => {
  const by = policy(['vllm.lan', 'box.lan:8000']);

  it.each([
    ['api.example.org', '443', '8.8.8.8', true],
    ['api.example.org', '443', '10.0.0.1', false],
    ['api.example.org', '443', '127.0.0.1', false],
    ['vllm.lan', '80', '10.0.0.1', true],
    ['vllm.lan', '80', '169.254.169.254', false],
    ['vllm.lan', '80', '::ffff:169.254.169.254', false],
    ['box.lan', '8000', '10.0.0.1', true],
    ['box.lan', '8001', '10.0.0.1', false],
  ])('%s:%s at %s is permitted: %s', (hostname, port, address, permitted) => {
    expect(by.permitsAddress(hostname, port, address)).toBe(permitted);
  });

  it('does not matter for an unlisted name in the mode `listed`', () => {
    expect(policy([], 'listed').permitsAddress('api.example.org', '443', '8.8.8.8')).toBe(false);
  });
});

it.each(['', 'http://x', 'a/b', 'a:b', 'a:999999', 'a:70000', 'a:0', 'user@host'])(
  'a list with the entry "%s" is refused',
  (entry) => {
    expect(() => policy([entry])).toThrow(TypeError);
  },
);
