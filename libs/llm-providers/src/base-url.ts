/** The forms that callers write a provider's address in, made one. The egress policy has judged them before. */

export const ANTHROPIC_BASE_URL = 'https://api.anthropic.com';
export const OPENAI_BASE_URL = 'https://api.openai.com/v1';

/** Anthropic's SDK appends `/v1/messages`: with or without it, in part or whole, with or without a slash is the same host. */
export function anthropicBaseUrl(given: string): string {
  return withoutSlash(given).replace(/(\/v1)?\/messages$|\/v1$/, '');
}

/** OpenAI's SDK appends `/chat/completions`: a bare host is given the `/v1` that everybody serves it under. */
export function openAiBaseUrl(given: string): string {
  const url = withoutSlash(given).replace(/\/chat\/completions$/, '');
  return new URL(url).pathname === '/' ? `${url}/v1` : url;
}

/** An Azure resource, with or without `/openai` or the path of a deployment, as AzureOpenAI wants it. */
export function azureBaseUrl(given: string): string {
  return `${withoutSlash(given).replace(/\/openai(\/deployments\/.*)?$/, '')}/openai`;
}

/** Is this the vendor's own host, by name or by default? */
export function isAt(given: string | undefined, vendorUrl: string): boolean {
  return given === undefined || new URL(given).host === new URL(vendorUrl).host;
}

export function withoutSlash(url: string): string {
  let end = url.length;
  while (url.endsWith('/', end)) end -= 1;
  return url.slice(0, end);
}
