import { forgetEnv, VENDOR_SETTINGS } from '@app/config';

forgetEnv(VENDOR_SETTINGS);
