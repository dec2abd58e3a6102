import { z } from 'zod';

import { DemoError } from './demo-error.js';

const TIMEOUT_MS = 120_000;

const problemSchema = z.object({ code: z.string(), detail: z.string().optional() });

export const acceptedSchema = z.object({ job_id: z.string() });

export const jobSchema = z.object({
  state: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']),
  result: z.object({ saved_count: z.int() }).nullish(),
  error: problemSchema.nullish(),
});

export const answerSchema = z.object({
  answer_with_citations: z.string(),
  grounded: z.boolean(),
  citations: z.array(
    z.object({ index: z.int(), memory_id: z.string(), cited_by_llm: z.boolean() }),
  ),
  memories: z.array(
    z.object({
      id: z.string(),
      session_id: z.string().nullable(),
      source_citation: z.object({ original_message: z.string().nullable() }),
    }),
  ),
});

export type Answer = z.output<typeof answerSchema>;

/** Calls Aurra's API for the demo. */
export class AurraClient {
  constructor(
    private readonly url: string,
    private readonly apiKey: string,
  ) {}

  /** @throws DemoError */
  async get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
    return schema.parse(await this.#call('GET', path));
  }

  /** @throws DemoError */
  async post<Schema extends z.ZodType>(
    path: string,
    body: object,
    schema: Schema,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<z.output<Schema>> {
    return schema.parse(await this.#call('POST', path, body, headers));
  }

  async #call(
    method: string,
    path: string,
    body?: object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<unknown> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...headers,
        // Aurra then refuses an unknown field, so a misspelled field in the demo is an error.
        prefer: [headers?.['prefer'] ?? [], 'handling=strict'].flat().join(', '),
        authorization: `Bearer ${this.apiKey}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(() => {
      throw new DemoError(`Aurra does not answer at ${this.url}: run npm start first.`);
    });
    const content: unknown = await answer.json().catch(() => undefined);
    if (answer.ok) return content;
    const problem = problemSchema.safeParse(content).data;
    throw new DemoError(
      problem?.code === 'not_authenticated'
        ? 'Aurra does not know this API key: unset AURRA_API_KEY, or set it to a key of the Aurra at AURRA_URL.'
        : (problem?.detail ?? `${path} answered ${answer.status}.`),
    );
  }
}
