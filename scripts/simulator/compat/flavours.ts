export const FLAVOURS = [
  'vllm',
  'groq',
  'ollama',
  'deepseek',
  'together',
  'openrouter',
  'moonshot',
  'mistral',
] as const;

/** The name of an OpenAI-compatible server: the part of the path after `/compat/`. */
export type Flavour = (typeof FLAVOURS)[number];
