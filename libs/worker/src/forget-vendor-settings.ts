import { PROVIDER_ENVIRONMENT_PREFIXES } from '@app/caller-keys';
import { forgetVendorSettings } from '@app/config';

/** A side effect at import, because the vendors' SDKs read the environment when they are imported: import this file first. */
forgetVendorSettings(PROVIDER_ENVIRONMENT_PREFIXES);
