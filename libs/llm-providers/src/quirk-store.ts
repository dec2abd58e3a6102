import type { LlmTarget } from '@app/caller-keys';

import { ANTHROPIC_BASE_URL, isAt, OPENAI_BASE_URL } from './base-url.js';
import type { Quirks } from './llm-provider.js';

const TTL_MS = 3_600_000;
const MAX_HOSTS = 1_000;
/** After a failed probe: a host that is down must not get two calls in place of each one. */
const PROBE_PAUSE_MS = 600_000;

/** The request that every server reads. */
export const PLAIN_QUIRKS: Quirks = {
  outputMode: 'prompt',
  strictSchema: false,
  tokenLimit: 'max_tokens',
  tellsShape: false,
  streamUsage: false,
  streams: true,
  instructionRole: 'system',
  toolChoice: 'unsaid',
  parallelTools: 'unsaid',
  extraOutputTokens: 0,
};

interface LearnedValue {
  readonly value: unknown;
  readonly until: number;
}

/** What hosts and models have refused in the last hour. Known by provider, host and model; a key is no part of it. */
export class QuirkStore {
  readonly #learned = new Map<string, ReadonlyMap<string, LearnedValue>>();
  /** Until when a host and model is not probed, for each kind of request. */
  readonly #probePauses = new Map<string, number>();

  constructor(private readonly now: () => number = Date.now) {}

  /** What to begin with: what was learned, else what the provider is known for. */
  get(target: LlmTarget): Quirks {
    const name = nameOf(target);
    const learned = this.#learned.get(name);
    if (learned === undefined) return firstTry(target);
    keepRecent(this.#learned, name, learned);
    const fresh = [...learned].filter(([, { until }]) => until > this.now());
    return {
      ...firstTry(target),
      ...Object.fromEntries(fresh.map(([field, { value }]) => [field, value])),
    };
  }

  /** Each field is forgotten an hour after it changed: what is learned later does not prolong the others. */
  learn(target: LlmTarget, change: Partial<Quirks>): void {
    const known = new Map<string, unknown>(Object.entries(this.get(target)));
    const until = this.now() + TTL_MS;
    const changed = Object.entries(change)
      .filter(([field, value]) => known.get(field) !== value)
      .map(([field, value]): [string, LearnedValue] => [field, { value, until }]);
    if (changed.length === 0) return;
    const name = nameOf(target);
    keepRecent(this.#learned, name, new Map([...(this.#learned.get(name) ?? []), ...changed]));
  }

  /** Such a request has been answered, so a later failure without words is not about its kind. */
  noteAnswered(target: LlmTarget, kind: string): void {
    keepRecent(this.#probePauses, nameOf(target, kind), this.now() + TTL_MS);
  }

  /** A plainer request failed as well. */
  noteFailedProbe(target: LlmTarget, kind: string): void {
    keepRecent(this.#probePauses, nameOf(target, kind), this.now() + PROBE_PAUSE_MS);
  }

  /** Whether a failure without words may be about the kind of request. */
  mayProbe(target: LlmTarget, kind: string): boolean {
    return (this.#probePauses.get(nameOf(target, kind)) ?? 0) <= this.now();
  }
}

/** Puts an entry last. Where there are too many, the one goes that was not used for longest. */
function keepRecent<Value>(entries: Map<string, Value>, name: string, value: Value): void {
  entries.delete(name);
  entries.set(name, value);
  const [oldest] = entries.keys();
  if (entries.size > MAX_HOSTS && oldest !== undefined) entries.delete(oldest);
}

/** OpenAI's reasoning models, wherever they are served: they refuse `max_tokens` (provider's own errors, 2024–2026). */
const REASONING_MODEL = /^(o\d|gpt-[5-9])/;

/** OpenAI's own models want `max_completion_tokens`; compatible servers know `max_tokens`, and Ollama nothing else. */
function firstTry({ provider, baseUrl, model }: LlmTarget): Quirks {
  const isOpenAi = provider === 'openai' && isAt(baseUrl, OPENAI_BASE_URL);
  const own = isOpenAi || (provider === 'openai' && REASONING_MODEL.test(model));
  return {
    outputMode: 'json_schema',
    strictSchema: true,
    tokenLimit: own ? 'max_completion_tokens' : 'max_tokens',
    tellsShape: false,
    streamUsage: true,
    streams: true,
    instructionRole: 'system',
    // Several compatible servers refuse `tool_choice` in every form but `auto`. The system prompt asks for the tool.
    toolChoice: provider === 'anthropic' ? 'forced' : 'auto',
    parallelTools: isOpenAi || provider === 'azure' ? 'off' : 'unsaid',
    extraOutputTokens: 0,
  };
}

function nameOf({ provider, baseUrl, model }: LlmTarget, kind?: string): string {
  const host =
    baseUrl === undefined
      ? provider === 'anthropic'
        ? ANTHROPIC_BASE_URL
        : OPENAI_BASE_URL
      : baseUrl;
  return JSON.stringify([provider, new URL(host).host, model, kind]);
}
