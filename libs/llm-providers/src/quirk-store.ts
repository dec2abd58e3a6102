import type { LlmTarget } from '@app/caller-keys';

import { ANTHROPIC_BASE_URL, isAt, OPENAI_BASE_URL } from './base-url.js';
import type { Quirks } from './llm-provider.js';

const TTL_MS = 3_600_000;
const MAX_HOSTS = 1_000;

/** What hosts and models have refused in the last hour. Known by provider, host and model; a key is no part of it. */
export class QuirkStore {
  readonly #learned = new Map<string, { readonly quirks: Quirks; readonly until: number }>();

  constructor(private readonly now: () => number = Date.now) {}

  /** What to begin with: what was learned, else what the provider is known for. */
  get(target: LlmTarget): Quirks {
    const name = nameOf(target);
    const learned = this.#learned.get(name);
    if (learned === undefined || learned.until <= this.now()) return firstTry(target);
    this.#learned.delete(name);
    this.#learned.set(name, learned);
    return learned.quirks;
  }

  learn(target: LlmTarget, quirks: Quirks): void {
    const name = nameOf(target);
    this.#learned.delete(name);
    this.#learned.set(name, { quirks, until: this.now() + TTL_MS });
    const [oldest] = this.#learned.keys();
    if (this.#learned.size > MAX_HOSTS && oldest !== undefined) this.#learned.delete(oldest);
  }
}

/** OpenAI's reasoning models, wherever they are served: they refuse `max_tokens` (provider's own errors, 2024–2026). */
const REASONING_MODEL = /^(o\d|gpt-[5-9])/;

/** OpenAI's own models want `max_completion_tokens`; compatible servers know `max_tokens`, and Ollama nothing else. */
function firstTry({ provider, baseUrl, model }: LlmTarget): Quirks {
  const own =
    provider === 'openai' && (isAt(baseUrl, OPENAI_BASE_URL) || REASONING_MODEL.test(model));
  return {
    outputMode: 'json_schema',
    tokenLimit: own ? 'max_completion_tokens' : 'max_tokens',
    tellsShape: false,
    streamUsage: true,
  };
}

function nameOf({ provider, baseUrl, model }: LlmTarget): string {
  const host =
    baseUrl === undefined
      ? provider === 'anthropic'
        ? ANTHROPIC_BASE_URL
        : OPENAI_BASE_URL
      : baseUrl;
  return JSON.stringify([provider, new URL(host).host, model]);
}
