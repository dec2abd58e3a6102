import type { Verdict } from '@app/memory';
import { randomUUID } from 'node:crypto';
import type { RecordedCall, Simulator } from '../../scripts/simulator/index.js';
import type { ByoBench } from './byo.js';
import type { Received } from './gateway.js';

export interface ScriptedVerdict {
  readonly verdict?: Verdict;
  readonly confidence?: number;
  readonly reasoning?: string;
}

/** The classifier's answer about one candidate. */
export const classifies = (
  { verdict = 'supersedes', confidence = 0.95, reasoning = 'Another city.' }: ScriptedVerdict = {},
  category = 'location',
): string =>
  JSON.stringify({
    category,
    comparisons: [{ candidate: 1, reasoning, verdict, confidence }],
  });

/** Whether a call asks for a verdict; the others extract or answer. */
const isClassification = ({ body }: Pick<RecordedCall, 'body'>): boolean =>
  JSON.stringify(body).includes('<new_fact>');

/** The model, key and path of each call to a simulator that asks for a verdict. */
export const classifications = (
  simulator: Simulator,
): readonly { readonly model: unknown; readonly key: unknown; readonly path: string }[] =>
  simulator.calls.filter(isClassification).map(({ body, headers, path }) => ({
    model: (body as { readonly model?: unknown }).model,
    key: headers['x-api-key'] ?? headers.authorization ?? headers['api-key'],
    path,
  }));

/** Makes an API key and gives it these settings. */
async function keyWith(byo: ByoBench, settings: object): Promise<string> {
  const key = await byo.gateway.makeKey({});
  await byo.sql(
    `update api_keys set settings = $1
      where id = (select id from api_keys order by created_at desc, id desc limit 1)`,
    [JSON.stringify(settings)],
  );
  return key;
}

export interface Write {
  readonly settings?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** A tenant with one stored fact, and a way to write another one. */
export async function aTenantOf(
  byo: ByoBench,
  standing: object = { content: 'Dana lives in Lisbon.' },
) {
  const tenant_id = randomUUID();
  const { json } = await byo.call('/agent/memories', { body: { tenant_id, ...standing } });
  const old: string = json.memory_id;
  const write = async ({ settings = {}, headers, ...fields }: Write): Promise<Received> =>
    byo.call('/agent/memories', {
      apiKey: await keyWith(byo, settings),
      body: { tenant_id, auto_supersede: true, content: 'Dana moved to Rome.', ...fields },
      ...(headers && { headers }),
    });
  const memory = async (id: string) => (await byo.gateway.send(`/agent/memories/${id}`)).json;
  return { tenant_id, old, write, memory };
}
