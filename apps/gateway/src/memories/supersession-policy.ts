import type { Settings } from '@app/accounts';
import type { SupersessionPolicy } from '@app/memory';

/**
 * By what rules a write's facts may supersede others: the API key's settings, as they are now. Null: they may not.
 * @param asked what the body says; undefined: as the key's settings say.
 */
export function supersessionPolicy(
  asked: boolean | undefined,
  settings: Settings,
): SupersessionPolicy | null {
  if (!(asked ?? settings.autoSupersedeDefault)) return null;
  const { excludedCategories, minConfidence, classifierModel, classifierAccount } = settings;
  return { excludedCategories, minConfidence, classifierModel, classifierAccount };
}
