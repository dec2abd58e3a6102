import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { answerCall } from './answer-call.js';
import { type Call, readCall } from './http/call.js';
import { jsonReply } from './http/reply.js';
import { sendReply } from './http/send-reply.js';
import { scenarioNames } from './scenarios/scenario-names.js';
import { Script, type ScriptedCall } from './scenarios/script.js';

export interface SimulatorOptions {
  /** 0, the default, means a free port. */
  readonly port?: number;
  readonly host?: string;
  /** Whether every request is kept in `calls`, including its key. Tests need it, so it is the default. */
  readonly record?: boolean;
  /** The delay before the headers of every answer, unless the answer has a delay of its own. */
  readonly delayMs?: number;
  /** Called for each request. The answer waits for the promise: a benchmark keeps calls open with it. */
  readonly hold?: () => Promise<void> | undefined;
  /** Called when an answer is about to be sent, with the milliseconds since its request began. */
  readonly onAnswer?: (ms: number) => void;
}

/** One received request. */
export interface RecordedCall extends Omit<Call, 'fields'> {
  readonly at: Date;
  /** The time at which either side closed the connection before the answer was complete. */
  closedEarlyAt?: Date;
}

export interface Simulator {
  /** Without a trailing slash. OpenAI: `url + /v1`; Azure and Anthropic: `url`; others: `url + /compat/<flavour>/v1`. */
  readonly url: string;
  readonly port: number;
  /** Oldest first; empty unless calls are recorded. */
  readonly calls: readonly RecordedCall[];
  /** Adds planned answers for the next calls, which are used in that order. */
  script(...calls: readonly ScriptedCall[]): void;
  /** Forgets the calls and the script. */
  reset(): void;
  /** Closes every connection, including those that hang. */
  close(): Promise<void>;
}

/** Starts every provider's API on one port of this machine. */
export async function startSimulator({
  port = 0,
  host = '127.0.0.1',
  record = true,
  delayMs,
  hold,
  onAnswer,
}: SimulatorOptions = {}): Promise<Simulator> {
  const script = new Script();
  const calls: RecordedCall[] = [];

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const begun = performance.now();
    const call = await readCall(request);
    if (record) calls.push(watched(call, response));
    const held = hold?.();
    if (held !== undefined) await held;
    const reply = replyTo(call, script);
    onAnswer?.(performance.now() - begun);
    await sendReply(response, { ...reply, delayMs: reply.delayMs ?? delayMs });
  };
  const server = createServer((request, response) => {
    // A client may disconnect during its request. That is not an error.
    handle(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    port: address.port,
    calls,
    script: (...planned) => {
      for (const { scenario } of planned) requireScenario(scenario);
      script.add(planned);
    },
    reset: () => {
      script.clear();
      calls.length = 0;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function watched(
  { method, path, query, headers, body }: Call,
  response: ServerResponse,
): RecordedCall {
  const recorded: RecordedCall = { method, path, query, headers, body, at: new Date() };
  response.once('close', () => {
    if (!response.writableFinished) recorded.closedEarlyAt = new Date();
  });
  return recorded;
}

/** An unknown scenario is a mistake in a test, so it throws in the test and is not sent over the wire. */
function requireScenario(name: string | undefined): void {
  const { openai, anthropic, azure, compat, accidents } = scenarioNames();
  const known = [openai, anthropic, azure, accidents, ...Object.values(compat)].flat();
  if (name !== undefined && !known.includes(name) && !name.startsWith('delay-')) {
    throw new TypeError(`The simulator has no scenario named ${name}`);
  }
}

/** An error of the simulator itself gets status 599, so that it is not mistaken for a provider's. */
function replyTo(call: Call, script: Script) {
  try {
    return answerCall(call, script);
  } catch (error) {
    const message = error instanceof Error ? error.message : 'unknown';
    return jsonReply(599, { simulator_fault: message });
  }
}
