import { addressOfTarget, type LlmTarget } from '@app/caller-keys';

import type { Quirks } from '../llm-provider.js';
import { definitionOf } from '../providers.js';

const TTL_MS = 3_600_000;
const MAX_HOSTS = 1_000;
/** How long a host is not probed after a failed probe, so that a host that is down does not get two calls for every request. */
const PROBE_PAUSE_MS = 600_000;

interface LearnedValue {
  readonly value: unknown;
  readonly until: number;
}

/** Quirks of the last hour, stored by provider, host and model. A key is never part of an entry. */
export class QuirkStore {
  readonly #learned = new Map<string, ReadonlyMap<string, LearnedValue>>();
  /** Until when a host and model is not probed, for each feature of a request. */
  readonly #probePauses = new Map<string, number>();

  constructor(private readonly now: () => number = Date.now) {}

  /** The quirks to begin with: the provider's defaults, replaced by those that were learned. */
  get(target: LlmTarget): Quirks {
    const name = nameOf(target);
    const learned = this.#learned.get(name);
    const first = definitionOf(target.provider).firstQuirks(target);
    if (learned === undefined) return first;
    keepRecent(this.#learned, name, learned);
    const fresh = [...learned].filter(([, { until }]) => until > this.now());
    return {
      ...first,
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

function nameOf(target: LlmTarget, feature?: string): string {
  const address = addressOfTarget(target);
  const host = address === undefined ? '' : new URL(address).host;
  return JSON.stringify([target.provider, host, target.model, feature]);
}
