import { defineTarget } from './target-definition.js';

export const anthropicTarget = defineTarget({
  name: 'anthropic',
  wireFields: {},
  secretFields: [],
  targetFields: {},
  baseUrlNote: 'With `anthropic` any Anthropic-compatible host.',
  environmentPrefixes: ['ANTHROPIC_'],
  vendorUrl: () => 'https://api.anthropic.com',
  ownFieldIn: () => undefined,
  check: () => undefined,
  readFields: () => ({}),
});
