import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { afterAll, afterEach, describe, expect, it } from 'vitest';

import { jsonReply, scenarioNames, startSimulator } from './index.js';
import { askChat, askMessage, clientsOf } from './testing/clients.js';

const simulator = await startSimulator();
afterAll(() => simulator.close());
afterEach(() => simulator.reset());
const { openai, azure, anthropic } = clientsOf(simulator.url);
const answerText = async (model = 'gpt-4.1') =>
  (await askChat(openai, model)).choices[0]?.message.content;

const children: ChildProcess[] = [];
afterAll(() => children.forEach((child) => child.kill('SIGKILL')));

function start(env: Record<string, string>) {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', main], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  return child;
}

describe('a script of planned answers', () => {
  it('fails the given number of calls, then lets calls succeed', async () => {
    simulator.script({ scenario: 'rate-limited', times: 2 });
    await expect(answerText()).rejects.toMatchObject({ status: 429 });
    await expect(answerText()).rejects.toMatchObject({ status: 429 });
    await expect(answerText()).resolves.toContain('stand-in');
  });

  it('applies to the given provider only', async () => {
    simulator.script({ provider: 'anthropic', scenario: 'overloaded', times: Infinity });
    await expect(answerText()).resolves.toBeDefined();
    await expect(askChat(azure, 'gpt')).resolves.toBeDefined();
    await expect(askMessage(anthropic, 'claude-opus-4-7')).rejects.toMatchObject({ status: 529 });
  });

  it('sets the texts of the model, in order', async () => {
    simulator.script({ answer: 'one' }, { answer: ({ fields }) => String(fields['model']) });
    expect([await answerText(), await answerText()]).toEqual(['one', 'gpt-4.1']);
  });

  it('replaces the whole reply of the calls that it selects', async () => {
    simulator.script({
      when: ({ fields }) => fields['model'] === 'teapot',
      reply: () => jsonReply(418, {}),
    });
    await expect(answerText()).resolves.toBeDefined();
    await expect(answerText('teapot')).rejects.toMatchObject({ status: 418 });
  });

  it('is cleared by a reset', async () => {
    simulator.script({ scenario: 'quota' });
    simulator.reset();
    await expect(answerText()).resolves.toBeDefined();
  });

  it('refuses an unknown scenario', () => {
    expect(() => simulator.script({ scenario: 'no-such-thing' })).toThrow(/no-such-thing/);
  });
});

describe('recorded calls', () => {
  it('hold the request, and whether its answer was sent completely', async () => {
    await answerText();
    expect(simulator.calls).toHaveLength(1);
    expect(simulator.calls[0]).toMatchObject({
      method: 'POST',
      path: '/v1/chat/completions',
      headers: { authorization: 'Bearer sk-simulated-0123456789abcdef' },
      body: { model: 'gpt-4.1' },
      at: expect.any(Date),
    });
    expect(simulator.calls[0]?.closedEarlyAt).toBeUndefined();
  });

  it('are not kept if recording is switched off', async () => {
    const quiet = await startSimulator({ record: false });
    await askChat(clientsOf(quiet.url).openai, 'gpt-4.1');
    expect(quiet.calls).toEqual([]);
    await quiet.close();
  });
});

it('answers an unknown path with OpenAI’s 404', async () => {
  const answer = await fetch(`${simulator.url}/v1/nothing`);
  expect([answer.status, await answer.json()]).toMatchObject([
    404,
    { error: { message: 'Invalid URL (GET /v1/nothing)' } },
  ]);
});

it.each([
  '/chat/completions',
  '/api/v1/chat/completions',
  '/v1/v1/chat/completions',
  '/api/chat',
  '/',
])('answers 404 for %s, which is a path of no provider', async (path) => {
  const answer = await fetch(`${simulator.url}${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-any', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4.1', messages: [{ role: 'user', content: 'Hi' }] }),
  });
  expect(answer.status).toBe(404);
});

it('lists the names of its scenarios', () => {
  const { openai: rows, compat, accidents } = scenarioNames();
  expect(rows).toContain('quota');
  expect(compat['groq']).toContain('request-too-large');
  expect(accidents).toEqual(
    expect.arrayContaining(['reset-mid-body', 'refusal', 'echo-key-fact-base64']),
  );
});

describe('the simulator’s command', () => {
  it('prints its address, logs no request, and ends on SIGTERM', { timeout: 20_000 }, async () => {
    const child = start({ SIMULATOR_PORT: '0' });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    await once(child.stdout, 'data');
    const line = printed;
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? '';
    await askChat(clientsOf(url).openai, 'gpt-4.1');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(line).toMatch(/no model/);
    expect(printed).toBe(line);
  });

  it('prints one line if it cannot start', { timeout: 20_000 }, async () => {
    const child = start({ SIMULATOR_PORT: String(simulator.port) });
    const [chunk] = (await once(child.stderr, 'data')) as [Buffer];
    expect(chunk.toString()).toMatch(/^Provider simulator: .*EADDRINUSE.*\n$/);
    expect(await once(child, 'exit')).toEqual([1, null]);
  });
});
