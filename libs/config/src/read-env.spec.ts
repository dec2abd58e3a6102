import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import {
  egressSettings,
  keyListSetting,
  QUEUE_REFUSED,
  queueIsAllowed,
  queueSettings,
  setting,
} from './fragments.js';
import { BadSettings, readEnv } from './read-env.js';

const schema = z.object({
  PORT: setting.port.default(8080),
  DATABASE_URL: z.url(),
  READ_ONLY: setting.flag.default(true),
});

const messageOf = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    if (error instanceof BadSettings) return error.message;
    throw error;
  }
  return '';
};

describe('readEnv', () => {
  it('fills in defaults, and treats an empty value as not set', () => {
    expect(readEnv(schema, { DATABASE_URL: 'postgres://h/d', PORT: '' })).toEqual({
      PORT: 8080,
      DATABASE_URL: 'postgres://h/d',
      READ_ONLY: true,
    });
  });

  it('names all bad settings at once, without their values', () => {
    const message = messageOf(() => readEnv(schema, { PORT: 'secret-a', READ_ONLY: 'secret-b' }));
    expect(message).toMatch(/PORT[^]*DATABASE_URL: is required[^]*READ_ONLY/);
    expect(message).not.toContain('secret');
  });

  it('refuses a setting by its old name and gives the new name', () => {
    const message = messageOf(() =>
      readEnv(schema, { DATABASE_URL: 'postgres://h/d', JOB_DEADLINE_MS: '1000' }),
    );
    expect(message).toContain('JOB_DEADLINE_MS: is now called ATTEMPT_TIMEOUT_MS');
  });

  it('refuses a queue on Postgres, except under the launcher', () => {
    const queue = z.object(queueSettings).refine(queueIsAllowed, QUEUE_REFUSED);
    expect(messageOf(() => readEnv(queue, { QUEUE_URL: 'postgres://h/d' }))).toContain('QUEUE_URL');
    expect(readEnv(queue, { QUEUE_URL: 'postgres://h/d', LOCAL_LAUNCH: 'true' }).QUEUE_URL).toBe(
      'postgres://h/d',
    );
    expect(readEnv(queue, { QUEUE_URL: 'rediss://h' }).QUEUE_URL).toBe('rediss://h');
  });

  it('reads a list of keys', () => {
    const [first, second] = keyListSetting.parse('k1:AAEC, k2:AwQ=');
    expect(first).toEqual({ kid: 'k1', key: Buffer.from([0, 1, 2]) });
    expect(second).toEqual({ kid: 'k2', key: Buffer.from([3, 4]) });
    expect(keyListSetting.safeParse('AAEC').success).toBe(false);
  });

  it('reads the hosts that may be called, and those that are excluded', () => {
    const hosts = z.object(egressSettings);
    expect(
      hosts.parse({ LLM_ALLOWED_HOSTS: 'ollama.internal, [::1]:8000,!127.0.0.1:5432' })
        .LLM_ALLOWED_HOSTS,
    ).toEqual(['ollama.internal', '[::1]:8000', '!127.0.0.1:5432']);
    expect(hosts.safeParse({ LLM_ALLOWED_HOSTS: 'http://x' }).success).toBe(false);
  });
});
