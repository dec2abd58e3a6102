import { AccountStore, type Caller } from '@app/accounts';
import { timed } from '@app/observability';
import { Injectable } from '@nestjs/common';

import { notFound } from '../http/require-found.js';
import type { SettingsChanges, SettingsView } from './settings.schemas.js';
import { givenSettings, viewSettings } from './settings.view.js';

/** The settings of an API key: the defaults of every call under this key. */
@Injectable()
export class SettingsService {
  constructor(private readonly accounts: AccountStore) {}

  /** The settings were loaded together with the caller. */
  get({ settings }: Caller): SettingsView {
    return viewSettings(settings);
  }

  async change(caller: Caller, changes: SettingsChanges): Promise<SettingsView> {
    const changed = await timed('db', this.accounts.changeSettings(caller, givenSettings(changes)));
    // Undefined if the account was erased after authentication.
    if (!changed) throw notFound();
    return viewSettings(changed);
  }
}
