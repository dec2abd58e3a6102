const CHECK_TIMEOUT_MS = 2_000;

/** What an app needs: each check resolves to whether it is there, within the given time. */
export type Checks = Readonly<Record<string, (timeoutMs: number) => Promise<boolean>>>;

export interface Readiness {
  readonly status: 'ok' | 'unavailable';
  readonly checks: Readonly<Record<string, 'ok' | 'down'>>;
}

/** Asks everything at once and names what is down. Never throws. */
export async function readinessOf(checks: Checks): Promise<Readiness> {
  const asked = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const up = await check(CHECK_TIMEOUT_MS).catch(() => false);
      return [name, up ? 'ok' : 'down'] as const;
    }),
  );
  return {
    status: asked.every(([, state]) => state === 'ok') ? 'ok' : 'unavailable',
    checks: Object.fromEntries(asked),
  };
}
