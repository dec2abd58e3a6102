import type { Caller } from '@app/accounts';

/** Whoever is shown memories: when, and how fast they lose freshness in this API key's eyes. */
export interface Reader {
  readonly now: Date;
  readonly halfLifeDays: number;
}

export const readerOf = ({ settings }: Pick<Caller, 'settings'>, now = new Date()): Reader => ({
  now,
  halfLifeDays: settings.freshnessHalfLifeDays,
});
