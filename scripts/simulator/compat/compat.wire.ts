import { type Call, bearerOf } from '../http/call.js';
import { fieldsOf, listOf, numberOf } from '../http/json.js';
import { type Headers, jsonReply } from '../http/reply.js';
import { base58 } from '../ids.js';
import { isBadKey } from '../keys.js';
import { chatCompletion } from '../openai/chat-completion.js';
import { modelIn, openaiError, openaiFailure } from '../openai/openai-failures.js';
import { modelsBody } from '../openai/openai.wire.js';
import { contentText, readChat } from '../openai/read-chat.js';
import { type AskedPrompt, type Failure, failureReply, type Wire } from '../wire.js';
import { DEEPSEEK_FAILURES } from './deepseek-failures.js';
import { type Flavour, FLAVOURS } from './flavours.js';
import { GROQ_FAILURES } from './groq-failures.js';
import { MISTRAL_FAILURES } from './mistral-failures.js';
import { MOONSHOT_FAILURES } from './moonshot-failures.js';
import { OLLAMA_FAILURES } from './ollama-failures.js';
import { OPENROUTER_FAILURES } from './openrouter-failures.js';
import { rowNamed } from './row.js';
import { TOGETHER_FAILURES } from './together-failures.js';
import { VLLM_FAILURES } from './vllm-failures.js';

/** The differences between one server and OpenAI's API. */
interface ServerDifferences {
  readonly failures: readonly Failure[];
  /** Whether the server also answers calls without a key, as local servers do. */
  readonly keyless?: boolean;
  refuse(call: Call): Failure | undefined;
  /** Fields of a request that the server ignores. */
  readonly unread?: readonly string[];
}

const formatOf = (call: Call): unknown => fieldsOf(call.fields['response_format'])['type'];

function mentionsJson(call: Call): boolean {
  return /json/i.test(
    listOf(call.fields['messages'])
      .map((turn) => contentText(fieldsOf(turn)['content']))
      .join('\n'),
  );
}

const DIFFERENCES: Readonly<Record<Flavour, ServerDifferences>> = {
  vllm: { failures: VLLM_FAILURES, refuse: () => undefined },
  groq: {
    failures: GROQ_FAILURES,
    // https://console.groq.com/docs/structured-outputs#supported-models
    refuse: (call) =>
      formatOf(call) === 'json_schema' && !/gpt-oss|kimi-k2|llama-4/.test(modelIn(call))
        ? rowNamed(GROQ_FAILURES, 'json-schema-refused')
        : undefined,
  },
  ollama: {
    failures: OLLAMA_FAILURES,
    keyless: true,
    refuse: () => undefined,
    unread: ['max_completion_tokens', 'tool_choice', 'n', 'logit_bias'],
  },
  deepseek: {
    failures: DEEPSEEK_FAILURES,
    refuse: (call) => {
      if (formatOf(call) === 'json_schema')
        return rowNamed(DEEPSEEK_FAILURES, 'json-schema-refused');
      if (formatOf(call) !== 'json_object' || mentionsJson(call)) return undefined;
      const message =
        "Prompt must contain the word 'json' in some form to use 'response_format' of type 'json_object'.";
      return {
        name: 'no-json-word',
        status: 400,
        body: () => openaiError(message, { code: 'invalid_request_error' }),
      };
    },
  },
  together: { failures: TOGETHER_FAILURES, refuse: () => undefined },
  openrouter: {
    failures: OPENROUTER_FAILURES,
    refuse: () => undefined,
    unread: ['max_completion_tokens'],
  },
  moonshot: {
    failures: MOONSHOT_FAILURES,
    refuse: (call) =>
      call.fields['tool_choice'] === 'required'
        ? rowNamed(MOONSHOT_FAILURES, 'tool-choice-refused')
        : undefined,
  },
  mistral: {
    failures: MISTRAL_FAILURES,
    refuse: (call) =>
      call.fields['max_completion_tokens'] === undefined
        ? undefined
        : rowNamed(MISTRAL_FAILURES, 'max-completion-tokens-refused'),
  },
};

/** One wire per server, by the server's name in the path. */
export const COMPAT_WIRES: ReadonlyMap<string, Wire> = new Map(
  FLAVOURS.map((flavour) => [flavour, compatWire(flavour)]),
);

function compatWire(flavour: Flavour): Wire {
  const gaps = DIFFERENCES[flavour];
  return {
    provider: 'compat',
    failures: gaps.failures,
    keyOf: bearerOf,
    modelOf: modelIn,
    refuseCaller: (call) => {
      const key = bearerOf(call);
      const refused = key === undefined ? gaps.keyless !== true : isBadKey(key);
      return refused ? rowNamed(gaps.failures, 'bad-key') : undefined;
    },
    refuseBody: (call) => refuseBody(call, gaps),
    asked: (call) => readPrompt(call, gaps),
    completion: (call, asked, generated) =>
      chatCompletion(call, asked, generated, { headers: headersOf(flavour) }),
    models: (call) => jsonReply(200, modelsBody(call, flavour), headersOf(flavour)),
    failed: (call, failure) => failureReply(call, failure, headersOf(flavour)),
  };
}

function refuseBody(call: Call, gaps: ServerDifferences): Failure | undefined {
  if (modelIn(call).includes('does-not-exist')) return rowNamed(gaps.failures, 'model-not-found');
  if (listOf(call.fields['messages']).length === 0) return openaiFailure('empty-messages');
  return gaps.refuse(call);
}

/** Reads the prompt without the fields that the server ignores. */
function readPrompt(call: Call, gaps: ServerDifferences): AskedPrompt {
  const unread = new Set(gaps.unread);
  const fields = Object.fromEntries(
    Object.entries(call.fields).filter(([name]) => !unread.has(name)),
  );
  const asked = readChat({ ...call, fields }, modelIn(call));
  return { ...asked, maxOutputTokens: asked.maxOutputTokens ?? numberOf(fields['max_tokens']) };
}

/** Local servers and OpenRouter send no request id. */
const WITHOUT_REQUEST_ID: ReadonlySet<Flavour> = new Set(['vllm', 'ollama', 'openrouter']);

function headersOf(flavour: Flavour): Headers {
  if (WITHOUT_REQUEST_ID.has(flavour)) return {};
  return flavour === 'groq'
    ? { 'x-request-id': `req_01${base58(24)}`, 'x-groq-region': 'fra' }
    : { 'x-request-id': base58(24) };
}
