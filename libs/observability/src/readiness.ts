const CHECK_TIMEOUT_MS = 2_000;
/** Settings change when a server is replaced: rarely, and probes come every few seconds. */
const SETTINGS_KEPT_MS = 60_000;

/** What an app needs: each check resolves to whether it is there, within the given time. */
export type Checks = Readonly<Record<string, (timeoutMs: number) => Promise<boolean>>>;

/** How something that an app needs is set up. What is wrong keeps nobody from working, but somebody has to see it. */
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

/** Asks everything at once and names what is down. Never throws. */
export async function readinessOf(checks: Checks): Promise<Readiness> {
  const asked = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const up = await inTime(check(CHECK_TIMEOUT_MS)).catch(() => false);
      return [name, up ? 'ok' : 'down'] as const;
    }),
  );
  return {
    status: asked.every(([, state]) => state === 'ok') ? 'ok' : 'unavailable',
    checks: Object.fromEntries(asked),
  };
}

/** What /health/ready says of one app, on whichever port. */
export class HealthChecks {
  #isStopping = false;
  #settings:
    { readonly at: number; readonly found: Promise<Record<string, FoundSettings>> } | undefined;

  constructor(
    private readonly checks: Checks,
    private readonly settingsChecks: SettingsChecks = {},
  ) {}

  /** From now on it is not ready: nothing new should be sent here, and nothing has to be asked for that. */
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
      this.#settings = { at: now, found: this.#lookAtSettings() };
    return this.#settings.found;
  }

  async #lookAtSettings(): Promise<Record<string, FoundSettings>> {
    const found = await Promise.all(
      Object.entries(this.settingsChecks).map(async ([name, check]) => {
        const unknown: FoundSettings = { state: 'unknown', faults: [] };
        return [name, (await inTime(check()).catch(() => unknown)) || unknown] as const;
      }),
    );
    // What could not be seen is looked for again at the next question.
    if (found.some(([, { state }]) => state === 'unknown')) this.#settings = undefined;
    return Object.fromEntries(found);
  }
}

/** A check may forget its own time. False: it did. */
async function inTime<Result>(asking: Promise<Result>): Promise<Result | false> {
  const late = Promise.withResolvers<false>();
  const timer = setTimeout(() => late.resolve(false), CHECK_TIMEOUT_MS);
  try {
    return await Promise.race([asking, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
