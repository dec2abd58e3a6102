import { defineTarget } from './target-definition.js';

export const openaiTarget = defineTarget({
  name: 'openai',
  wireFields: {},
  secretFields: [],
  targetFields: {},
  baseUrlNote: 'With `openai` any OpenAI-compatible host.',
  otherHostsHint: "for a host that speaks OpenAI's API use `openai` with `base_url`",
  environmentPrefixes: ['OPENAI_'],
  vendorUrl: () => 'https://api.openai.com/v1',
  ownFieldIn: () => undefined,
  check: () => undefined,
  readFields: () => ({}),
});
