import { forgetEnv, VENDOR_SETTINGS } from '@app/config';

/** A side effect at import, because the vendors' SDKs read the environment when they are imported: import this file first. */
forgetEnv(VENDOR_SETTINGS);
