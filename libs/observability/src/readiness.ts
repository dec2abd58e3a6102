const CHECK_TIMEOUT_MS = 2_000;
/** Found settings are used for this long: they change only when a server is replaced, and probes come every few seconds. */
const SETTINGS_KEPT_MS = 60_000;

/** The servers that an app needs. Each check resolves, within the given time, to whether its server answers. */
export type Checks = Readonly<Record<string, (timeoutMs: number) => Promise<boolean>>>;

/** The settings of a server that an app needs. Wrong settings do not make the app unready, but an operator must see them. */
export interface FoundSettings {
  readonly state: 'ok' | 'wrong' | 'unknown';
  readonly faults: readonly string[];
}
export type SettingsChecks = Readonly<Record<string, () => Promise<FoundSettings>>>;

export interface Readiness {
  readonly status: 'ok' | 'unavailable';
  readonly checks: Readonly<Record<string, 'ok' | 'down' | 'stopping'>>;
  readonly settings?: Readonly<Record<string, FoundSettings['state']>>;
}

/** Runs all checks at once and names the servers that are down. Never throws. */
export async function readinessOf(checks: Checks): Promise<Readiness> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const up = await withinTimeout(check(CHECK_TIMEOUT_MS)).catch(() => false);
      return [name, up ? 'ok' : 'down'] as const;
    }),
  );
  return {
    status: results.every(([, state]) => state === 'ok') ? 'ok' : 'unavailable',
    checks: Object.fromEntries(results),
  };
}

/** The content of /health/ready of one app, on each of its ports. */
export class HealthChecks {
  #isStopping = false;
  #settings:
    { readonly at: number; readonly found: Promise<Record<string, FoundSettings>> } | undefined;

  constructor(
    private readonly checks: Checks,
    private readonly settingsChecks: SettingsChecks = {},
  ) {}

  /** From now on the app is not ready, and no check runs, so that load balancers send it no new requests. */
  stop(): void {
    this.#isStopping = true;
  }

  async readiness(): Promise<Readiness> {
    if (this.#isStopping) return { status: 'unavailable', checks: { process: 'stopping' } };
    const [readiness, settings] = await Promise.all([readinessOf(this.checks), this.settings()]);
    const states = Object.entries(settings).map(([name, { state }]) => [name, state] as const);
    return states.length === 0 ? readiness : { ...readiness, settings: Object.fromEntries(states) };
  }

  async settings(): Promise<Readonly<Record<string, FoundSettings>>> {
    const now = Date.now();
    if (!this.#settings || now - this.#settings.at > SETTINGS_KEPT_MS)
      this.#settings = { at: now, found: this.#checkSettings() };
    return this.#settings.found;
  }

  async #checkSettings(): Promise<Record<string, FoundSettings>> {
    const found = await Promise.all(
      Object.entries(this.settingsChecks).map(async ([name, check]) => {
        const unknown: FoundSettings = { state: 'unknown', faults: [] };
        return [name, (await withinTimeout(check()).catch(() => unknown)) || unknown] as const;
      }),
    );
    // A server that did not show its settings is asked again at the next probe.
    if (found.some(([, { state }]) => state === 'unknown')) this.#settings = undefined;
    return Object.fromEntries(found);
  }
}

/** Bounds a check that ignores its own timeout. @returns false when the time is over. */
async function withinTimeout<Result>(check: Promise<Result>): Promise<Result | false> {
  const late = Promise.withResolvers<false>();
  const timer = setTimeout(() => late.resolve(false), CHECK_TIMEOUT_MS);
  try {
    return await Promise.race([check, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
