/** Everything that the page after `npm start` shows. */
export interface Started {
  readonly url: string;
  readonly opsUrl: string;
  readonly opsUser: string;
  readonly opsPassword: string;
  readonly adminToken: string;
  readonly apiKey: string;
  readonly simulatorUrl: string;
  readonly queue: string;
  readonly database: string;
}

/** The first field of each example, so that the reader sees it: without a tenant, all end users share their memories. */
const TENANT = { tenant_id: 'dana' };
const CONVERSATION = {
  ...TENANT,
  recorded_at: '2026-11-20T09:30:00+00:00',
  messages: [
    { role: 'user', content: 'I moved to Lisbon last month and started as a pastry chef.' },
    { role: 'assistant', content: 'Congratulations! For the commute I recommend the 28 tram.' },
    { role: 'user', content: 'Thanks. By the way, I am allergic to hazelnuts.' },
  ],
};
const QUESTION = 'Which allergy does the user have?';

const TARGETS = [
  {
    name: 'Anthropic',
    first: 'export ANTHROPIC_API_KEY=…',
    llm: { provider: 'anthropic', model: 'claude-opus-4-7', key: '$ANTHROPIC_API_KEY' },
  },
  {
    name: 'OpenAI',
    first: 'export OPENAI_API_KEY=…',
    llm: { provider: 'openai', model: 'gpt-5.1', key: '$OPENAI_API_KEY' },
  },
  {
    name: 'Azure OpenAI',
    first:
      'export AZURE_OPENAI_ENDPOINT=https://….openai.azure.com AZURE_OPENAI_DEPLOYMENT=… AZURE_OPENAI_API_KEY=…',
    llm: {
      provider: 'azure',
      model: '$AZURE_OPENAI_DEPLOYMENT',
      base_url: '$AZURE_OPENAI_ENDPOINT',
      api_version: '2024-10-21',
      key: '$AZURE_OPENAI_API_KEY',
    },
  },
  {
    name: 'a local Ollama (vLLM: port 8000, and the model that it serves)',
    first: 'ollama pull llama3.2',
    llm: {
      provider: 'openai',
      model: 'llama3.2',
      base_url: 'http://localhost:11434/v1',
      key: 'ollama',
    },
  },
] as const;

/** The page that `npm start` prints when everything is ready. */
export function renderBanner(started: Started): string {
  const { url, apiKey, simulatorUrl } = started;
  const remember = (llm: object): string =>
    curl(`${url}/agent/memories`, apiKey, { ...CONVERSATION, llm });
  const simulated = {
    provider: 'openai',
    model: 'stand-in',
    base_url: `${simulatorUrl}/v1`,
    key: 'sk-any-key-will-do-here',
  };
  return `
Aurra is ready.

  API              ${url}
  Reference page   ${url}/docs
  Bull Board       ${started.opsUrl}  (user ${started.opsUser}, password ${started.opsPassword})
  Admin token      ${started.adminToken}
  Demo API key     ${apiKey}
  Database         ${started.database}
  Queue            ${started.queue}

Try it offline. The "model" of the next two commands is the provider simulator on this machine:
a rule-based stand-in that copies sentences, not a model. It shows the way, not the quality.

One tenant_id for each end user keeps their memories apart.

# Remember a conversation.
${remember(simulated)}

# Ask about it.
${curl(`${url}/agent/query`, apiKey, { ...TENANT, question: QUESTION, llm: simulated })}

With a model of your own, the key travels with the request and is gone when its job is.
/agent/query takes the same "llm".
${TARGETS.map(({ name, first, llm }) => `\n# ${name}. First: ${first}\n${remember(llm)}\n`).join('')}
In another terminal: npm run demo   Stop: Ctrl-C
`;
}
/** A curl command to paste into a shell. A JSON value that is exactly `$NAME` becomes a shell variable. */
export function curl(url: string, apiKey: string, body: Readonly<Record<string, unknown>>): string {
  return [
    `curl -sS ${url} \\`,
    `  -H 'Authorization: Bearer ${apiKey}' \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d ${quote(render(body))}`,
  ].join('\n');
}

/** JSON with one field per line and one message per line, so that it is easy to edit. */
function render(body: Readonly<Record<string, unknown>>): string {
  const fields = Object.entries(body).map(
    ([name, value]) => `  ${JSON.stringify(name)}: ${field(value)}`,
  );
  return `{\n${fields.join(',\n')}\n}`;
}

function field(value: unknown): string {
  if (!Array.isArray(value)) return spaced(value);
  return `[\n${value.map((item) => `    ${spaced(item)}`).join(',\n')}\n  ]`;
}

function spaced(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(
    ([name, each]) => `${JSON.stringify(name)}: ${JSON.stringify(each)}`,
  );
  return `{${fields.join(', ')}}`;
}

/** Quotes the text for the shell with single quotes, which are closed around a variable. */
function quote(text: string): string {
  const quoted = text.replaceAll("'", `'\\''`);
  return `'${quoted.replace(/"\$([A-Z][A-Z0-9_]*)"/g, `"'"$$$1"'"`)}'`;
}
