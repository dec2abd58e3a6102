/** The limits of a plan. Null: unlimited. */
export interface Tier {
  readonly name: string;
  readonly writesPerMonth: number | null;
  readonly queriesPerMonth: number | null;
  readonly requestsPerMinute: number | null;
}

/** The tier of new accounts, and of accounts whose own tier is no longer configured. */
export const DEFAULT_TIER = 'free';

/** The tiers of this installation. */
export class Plans {
  readonly #tiers: ReadonlyMap<string, Tier>;
  readonly #default: Tier;

  constructor(tiers: readonly Tier[]) {
    this.#tiers = new Map(tiers.map((tier) => [tier.name, tier]));
    const free = this.#tiers.get(DEFAULT_TIER);
    if (!free) throw new TypeError(`There is no tier called ${DEFAULT_TIER}.`);
    this.#default = free;
  }

  get names(): readonly string[] {
    return [...this.#tiers.keys()];
  }

  /** Returns the default tier when the named one is no longer configured. */
  tierOf(planTier: string): Tier {
    return this.#tiers.get(planTier) ?? this.#default;
  }
}
