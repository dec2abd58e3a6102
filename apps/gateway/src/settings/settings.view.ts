import type { Settings } from '@app/accounts';

import type { SettingsChanges, SettingsView } from './settings.schemas.js';

export function viewSettings(settings: Settings): SettingsView {
  return {
    auto_supersede_default: settings.autoSupersedeDefault,
    excluded_categories: [...settings.excludedCategories],
    min_confidence: settings.minConfidence,
    classifier_model: settings.classifierModel,
    classifier_account: settings.classifierAccount,
    freshness_half_life_days: settings.freshnessHalfLifeDays,
  };
}

/** The settings that a request changes. */
export function givenSettings(changes: SettingsChanges): Partial<Settings> {
  const named = {
    autoSupersedeDefault: changes.auto_supersede_default,
    excludedCategories: changes.excluded_categories,
    minConfidence: changes.min_confidence,
    classifierModel: changes.classifier_model,
    classifierAccount: changes.classifier_account,
    freshnessHalfLifeDays: changes.freshness_half_life_days,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}
