import { inLanes } from './in-lanes.js';
import type { Answered, Product } from './product.js';

/** One answer of the product, with the status that is due. */
export interface Met {
  readonly asked: string;
  readonly status: number;
  /** Undefined: any status. */
  readonly due: number | undefined;
  /** Body and headers. */
  readonly text: string;
}

const MESSAGES = [
  { role: 'user', name: 'Dana', content: 'I moved to Lisbon and I work at Globex.' },
];
const ECHOES = ['whole', 'masked', 'base64', 'base64-shifted', 'urlencoded'];
const each = (name: string, due: number): Record<string, number> =>
  Object.fromEntries(ECHOES.map((form) => [`sim-${name}-${form}`, due]));

/** The answers to a write by model: success, rejection, and providers that repeat the key. */
const MODELS: Readonly<Record<string, number>> = {
  'gpt-5': 200,
  'sim-bad-key': 401,
  'sim-model-not-found': 422,
  'sim-rate-limited': 429,
  'sim-server-error': 503,
  'sim-invalid-json': 502,
  'sim-json-cut-off': 503,
  'sim-redirect-307': 503,
  'sim-echo-key-header': 200,
  'sim-echo-key-request-id': 503,
  ...each('echo-key-error', 401),
  ...each('echo-key-html', 503),
  ...each('echo-key-fact', 200),
  ...each('echo-key-answer', 200),
};

/** Sends a provider key in every way that the API accepts or refuses one. @returns all answers. */
export async function sendAlongEveryPath(product: Product, key: string): Promise<readonly Met[]> {
  const met: Met[] = [];
  const at = { provider: 'openai', key, base_url: `${product.simulator.url}/v1` };

  const senderFor =
    (apiKey: string) =>
    async (
      path: string,
      due: number | undefined,
      body: unknown,
      headers: Record<string, string> = {},
      method?: string,
    ): Promise<Answered> => {
      const answer = await product.call(path, { body, headers, apiKey, ...(method && { method }) });
      const text = `${answer.text}${JSON.stringify([...answer.headers])}`;
      const asked = `${path} ${typeof body === 'string' ? body : JSON.stringify(body)}`.slice(-90);
      met.push({ asked, status: answer.status, due, text });
      return answer;
    };

  await inLanes(4, Object.entries(MODELS), async ([model, due]) => {
    // Rejected keys are counted by account, so each model has its own account and no count of an earlier model blocks it.
    const send = senderFor(await product.makeAccount());
    const llm = { ...at, model };
    const question = 'Where does Dana work?';
    await send('/agent/memories', 200, { content: 'Dana works at Globex.' });
    await send('/agent/memories', due, { messages: MESSAGES, llm });
    await send('/agent/query', undefined, { question, llm });
    const stream = { accept: 'text/event-stream' };
    await send('/agent/query', undefined, { question, llm }, stream);
    await send('/llm/verify', undefined, { llm });
    const later = { prefer: 'respond-async', 'idempotency-key': model };
    const { json } = await send('/agent/memories', 202, { messages: MESSAGES, llm }, later);
    await send(`/agent/jobs/${json.job_id}`, 200, undefined);
    await send('/agent/query', 202, { question, llm }, { prefer: 'respond-async' });
  });

  const send = senderFor(await product.makeAccount());
  const llm = { ...at, model: 'gpt-5' };
  for (const [path, asked] of [
    ['/agent/memories', { messages: MESSAGES }],
    ['/agent/memories', { messages: MESSAGES, dry_run: true }],
    ['/agent/query', { question: 'Where does Dana work?' }],
  ] as const) {
    const later = { prefer: 'respond-async' };
    const begin = async (model: string): Promise<string> => {
      const { json } = await send(path, 202, { ...asked, llm: { ...at, model } }, later);
      return `/agent/jobs/${json.job_id}`;
    };
    // This job is cancelled while it is queued or running.
    await send(await begin('sim-hang'), 200, undefined, {}, 'DELETE');
    const job = await begin('sim-bad-key');
    const isFailed = async (): Promise<boolean> =>
      (await send(job, 200, undefined)).json.state === 'failed';
    while (!(await isFailed())) await new Promise((resolve) => setTimeout(resolve, 50));
    const retry = `${job}/retry`;
    await send(retry, 400, {});
    await send(retry, 400, `{"llm": {"key": ${JSON.stringify(key)}`);
    await send(retry, 400, { llm: { ...llm, [key]: 1 } });
    await send(retry, 400, { llm, note: key });
    await send(retry, 401, { llm: { ...at, model: 'sim-echo-key-error-whole' } });
    await send(retry, 200, { llm });
    await send(retry, 409, { llm });
    await send(job, 409, undefined, {}, 'DELETE');
    await senderFor(product.adminToken)(`/admin${retry.slice('/agent'.length)}`, 400, { llm });
  }
  await send('/agent/jobs', 200, undefined);
  const { key: _otherName, ...unnamed } = llm;
  await send('/agent/memories', 200, { messages: MESSAGES, llm: { ...unnamed, api_key: key } });
  const anthropic = { provider: 'anthropic', base_url: product.simulator.url, key, model: 'm' };
  await send('/agent/memories', 200, { content: 'Dana lives in Lisbon.' });
  const moved = { content: 'Dana moved to Rome.', auto_supersede: true, llm: anthropic };
  await send('/agent/memories', 200, moved);
  await send('/agent/memories', 202, moved, { prefer: 'respond-async' });
  const repeated = [{ role: 'user', content: `my key is ${key}` }];
  await send('/agent/memories', 400, { messages: repeated, llm });
  await send('/agent/query', 400, { question: `What is ${key}?`, llm });
  await send('/agent/memories', 400, { messages: MESSAGES, metadata: { [key]: 1 }, llm });
  await send('/agent/memories', 400, `{"messages": [], "llm": {"key": ${JSON.stringify(key)}`);
  await send('/agent/memories', 400, `{"llm": {"key": ${key}}}`);
  await send('/agent/memories', 400, {
    messages: MESSAGES,
    llm: { ...llm, key: `${key}\n${key}` },
  });
  await send('/agent/memories', 400, { messages: MESSAGES, llm: { ...llm, key: `${key}\u00e9` } });
  await send('/agent/memories', 400, { messages: MESSAGES, llm: { ...llm, api_key: key } });
  await send('/agent/memories', 400, { messages: MESSAGES, llm: { ...llm, provider: key } });
  await send('/agent/memories', 400, { messages: MESSAGES, llm: { ...llm, [key]: 1 } });
  await send('/agent/memories', 400, { messages: MESSAGES, llm: { ...llm, extra: { [key]: 1 } } });
  const inside = `https://user:${encodeURIComponent(key)}@llm.example.org/v1`;
  await send('/agent/memories', 400, { messages: MESSAGES, llm: { ...llm, base_url: inside } });
  await send('/agent/nowhere', 404, { llm });
  return met;
}
