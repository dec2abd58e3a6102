import type { LlmTarget } from '@app/caller-keys';

import { ANTHROPIC_BASE_URL, isAt, OPENAI_BASE_URL } from './base-url.js';
import type { Quirks } from './llm-provider.js';

const TTL_MS = 3_600_000;
const MAX_HOSTS = 1_000;
/** How long a host is not probed after a failed probe, so that a host that is down does not get two calls for every request. */
const PROBE_PAUSE_MS = 600_000;

/** The plainest request, which every server accepts. */
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

/** What was learned of hosts and models in the last hour, stored by provider, host and model. Keys are not part of it. */
export class QuirkStore {
  readonly #learned = new Map<string, ReadonlyMap<string, LearnedValue>>();
  /** Until when a host and model is not probed, for each feature of a request. */
  readonly #probePauses = new Map<string, number>();

  constructor(private readonly now: () => number = Date.now) {}

  /** The quirks to begin with: the learned ones, and for the rest the provider's defaults. */
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

  /** Each field is forgotten an hour after it changed: learning another field does not prolong it. */
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

  /** A request with this feature succeeded, so for an hour a failure without a reason does not lead to a probe. */
  noteAnswered(target: LlmTarget, feature: string): void {
    keepRecent(this.#probePauses, nameOf(target, feature), this.now() + TTL_MS);
  }

  /** A request without this feature failed too. */
  noteFailedProbe(target: LlmTarget, feature: string): void {
    keepRecent(this.#probePauses, nameOf(target, feature), this.now() + PROBE_PAUSE_MS);
  }

  /** Whether a failure without a reason may be about this feature. */
  mayProbe(target: LlmTarget, feature: string): boolean {
    return (this.#probePauses.get(nameOf(target, feature)) ?? 0) <= this.now();
  }
}

/** Puts an entry last. If there are too many, the least recently used one is removed. */
function keepRecent<Value>(entries: Map<string, Value>, name: string, value: Value): void {
  entries.delete(name);
  entries.set(name, value);
  const [oldest] = entries.keys();
  if (entries.size > MAX_HOSTS && oldest !== undefined) entries.delete(oldest);
}

/** OpenAI's reasoning models, wherever they are served: they refuse `max_tokens` (provider's own errors, 2024–2026). */
const REASONING_MODEL = /^(o\d|gpt-[5-9])/;

/** OpenAI's own models need `max_completion_tokens`; compatible servers accept `max_tokens`, and Ollama no other name. */
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

function nameOf({ provider, baseUrl, model }: LlmTarget, feature?: string): string {
  const host =
    baseUrl === undefined
      ? provider === 'anthropic'
        ? ANTHROPIC_BASE_URL
        : OPENAI_BASE_URL
      : baseUrl;
  return JSON.stringify([provider, new URL(host).host, model, feature]);
}
