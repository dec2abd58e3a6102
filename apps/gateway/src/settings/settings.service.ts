import { AccountStore, type Caller } from '@app/accounts';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { notFound } from '../http/find.js';
import type { SettingsChanges, SettingsView } from './settings.schemas.js';
import { changesOf, viewSettings } from './settings.view.js';

/** What one API key asks for in every call that does not say otherwise. */
@Injectable()
export class SettingsService {
  constructor(private readonly accounts: AccountStore) {}

  /** They came with the caller. */
  get({ settings }: Caller): SettingsView {
    return viewSettings(settings);
  }

  async change(caller: Caller, changes: SettingsChanges): Promise<SettingsView> {
    const changed = await timed('db', this.accounts.changeSettings(caller, changesOf(changes)));
    // Its account was erased in between.
    if (!changed) throw notFound();
    return viewSettings(changed);
  }
}
