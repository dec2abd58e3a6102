/** The providers that a caller may name. Adding one begins here; what is missing then does not compile. */
export const PROVIDER_NAMES = ['anthropic', 'openai', 'azure'] as const;

export type ProviderName = (typeof PROVIDER_NAMES)[number];
