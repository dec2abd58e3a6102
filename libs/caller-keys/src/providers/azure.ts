import { z } from 'zod';

import { defineTarget, isGiven } from './target-definition.js';

const DEPLOYMENT = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/;
const API_VERSION = /^\d{4}-\d{2}-\d{2}(-preview)?$/;
const V1_PATH = /\/openai\/v1(\/chat\/completions)?\/?$/;

/**
 * Whether an address belongs to Azure's v1 API, which has no dated versions: the deployment is sent in the body, and no
 * api-version is sent.
 */
export function isAzureV1(baseUrl: string): boolean {
  return V1_PATH.test(baseUrl);
}

const apiVersion = z
  .string('must be a string')
  .regex(API_VERSION, 'must look like 2024-10-21 or 2024-12-01-preview');

export const azureTarget = defineTarget({
  name: 'azure',
  wireFields: {
    api_version: apiVersion.nullish().describe('Azure only; the same as `extra.api_version`.'),
    extra: z
      .strictObject({ api_version: apiVersion.nullish() })
      .nullish()
      .describe('Per provider. Azure: `api_version`.'),
  },
  secretFields: [],
  /** `apiVersion`: Azure's dated `api-version`. */
  targetFields: { apiVersion: z.string().optional() },
  baseUrlNote: 'Required for `azure`: the address of your resource.',
  environmentPrefixes: ['AZURE_OPENAI_', 'AZURE_'],
  vendorUrl: () => undefined,
  ownFieldIn: ({ api_version, extra }) => {
    if (isGiven(api_version)) return 'api_version';
    return isGiven(extra?.api_version) ? 'extra' : undefined;
  },
  check: ({ model, base_url, api_version, extra }, addFault) => {
    if (!isGiven(base_url))
      addFault(['base_url'], 'is required for azure: the address of your resource');
    else if (!isGiven(api_version ?? extra?.api_version) && !isAzureV1(base_url))
      addFault(
        ['extra', 'api_version'],
        'is required for azure, unless base_url ends with /openai/v1',
      );
    if (isGiven(api_version) && isGiven(extra?.api_version))
      addFault(['api_version'], 'must be given once');
    if (model !== '' && !DEPLOYMENT.test(model))
      addFault(
        ['model'],
        'must be a deployment name: letters, digits, dot, dash and underscore, at most 64',
      );
  },
  readFields: ({ api_version, extra }) => {
    const version = api_version ?? extra?.api_version;
    return isGiven(version) ? { apiVersion: version } : {};
  },
});
