/** How long a caller is ready to wait (RFC 7240). */
export interface Preference {
  /** 0: not at all. */
  readonly waitMs: number;
  /**
   * True where the caller said nothing, and so wants the result of this very call: then a failure is final at once.
   * Whoever says `respond-async` or `wait=N` has said that a job will do: that job is retried, and kept for a retry.
   */
  readonly synchronous: boolean;
  /** For `Preference-Applied`. */
  readonly applied: string | undefined;
}

/** One preference: a token, maybe `= value`, maybe parameters that we have no use for. */
const PREFERENCE =
  /^\s*([!#$%&'*+.^_`|~0-9a-z-]+)\s*(?:=\s*(?:"([^"]*)"|([^\s;"]*)))?\s*(?:;.*)?$/i;
const SECONDS = /^\d{1,9}$/;

/**
 * Reads a `Prefer` header. What is malformed or unknown is ignored, as the RFC asks; of two alike the first counts.
 * @param longestMs the longest wait that is granted, and the one that is granted unasked.
 */
export function readPreference(header: string | undefined, longestMs: number): Preference {
  const wishes = new Map<string, string>();
  for (const text of header?.split(',') ?? []) {
    const [, name, quoted, plain] = PREFERENCE.exec(text) ?? [];
    const key = name?.toLowerCase();
    if (key !== undefined && !wishes.has(key)) wishes.set(key, quoted ?? plain ?? '');
  }
  const respondAsync = wishes.has('respond-async');
  const wait = wishes.get('wait') ?? '';
  const asked = SECONDS.test(wait) ? Number(wait) : undefined;
  const seconds = asked === undefined ? undefined : Math.min(asked, Math.floor(longestMs / 1_000));
  const applied = [
    ...(respondAsync ? ['respond-async'] : []),
    ...(seconds === undefined ? [] : [`wait=${seconds}`]),
  ];
  return {
    waitMs: seconds === undefined ? (respondAsync ? 0 : longestMs) : seconds * 1_000,
    synchronous: applied.length === 0,
    applied: applied.length === 0 ? undefined : applied.join(', '),
  };
}
