import { PROVIDER_ENVIRONMENT_PREFIXES } from '@app/caller-keys';
import { forgetVendorSettings } from '@app/config';

forgetVendorSettings(PROVIDER_ENVIRONMENT_PREFIXES);
