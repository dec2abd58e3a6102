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

/** Which OpenAI-compatible server answers: the part of the path after `/compat/`. */
export type Flavour = (typeof FLAVOURS)[number];
