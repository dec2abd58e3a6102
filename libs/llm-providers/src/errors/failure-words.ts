import type { LlmErrorCode } from './llm.error.js';
import type { ProviderFailure } from './provider-failure.js';

/**
 * Words of LiteLLM, FastAPI, MiniMax, Tencent and New API for a refused key. Under 5xx they may be about the host's own key.
 */
const NOT_KNOWN =
  /invalid proxy server token|^(?:authentication error|authentication fail\w{0,2}|not authenticated|unauthorized|login fail)\b|signature is invalid|身份验证失败|鉴权失败|(?:令牌|密钥)[^，。]{0,10}(?:无效|错误|过期|不可用)|无效的(?:令牌|密钥)/i;

/** Codes, types and Google's reasons (google.rpc.ErrorInfo) for a refused key, compared in lower case. */
const NAMED = new Set([
  'invalid_api_key',
  'api_key_invalid',
  'incorrect_api_key',
  'api_key_expired',
  'expired_api_key',
  'api_key_revoked',
  'invalid_authentication',
  'invalid_authentication_error',
  'authentication_error',
  'auth_error',
]);

const KEY = String.raw`(?:api[ _-]?keys?|access[ _-]?tokens?|auth(?:entication)?[ _-]?tokens?|bearer[ _-]?tokens?|x-api-key|credentials?)`;
/** Excludes words that may stand between the adjective and the key in a sentence about the model, the quota or a permission. */
const OTHER = String.raw`(?!models?\b|quota|limit|rate|for\b|with\b|to\b|by\b|in\b|does\b|credit|auth|permission|type\b)`;
const BAD = String.raw`(?:invalid|incorrect|wrong|bad|unknown|expired|revoked|malformed|unrecogni[sz]ed)`;

/** "Incorrect API key provided", "Invalid or expired x.ai API key". Every repetition is bounded. */
const BAD_KEY = new RegExp(
  String.raw`\b${BAD}\s{1,3}(?:or\s${BAD}\s)?(?:${OTHER}[\w.]{1,12}\s){0,2}${KEY}\b`,
  'i',
);
/** "API key not valid", "Your API key: ****abcd is invalid", "The API key has been revoked". */
const KEY_IS_BAD = new RegExp(
  String.raw`\b${KEY}:?\s{1,3}(?:${OTHER}['"(]?[\w*.…-]{1,80}['")]?\s){0,2}(?:not\s(?:valid|correct|recogni[sz]ed|found|active)|${BAD}|inactive|disabled|deleted|deactivated|blocked)\b`,
  'i',
);

/**
 * Whether an answer says that this key is invalid, whatever its status: xAI and Google answer 400, others 403, 404 or 422.
 * Such answers are counted, and the limit on them keeps callers from testing stolen keys.
 */
export function refusesKey({ type, code, message, isHtml, status }: ProviderFailure): boolean {
  if (isHtml || status === 429) return false;
  if ([type, code].some((name) => NAMED.has((name ?? '').toLowerCase()))) return true;
  if (BAD_KEY.test(message) || KEY_IS_BAD.test(message)) return true;
  return (status === null || status < 500) && NOT_KNOWN.test(message);
}

/** Codes that are more exact than `llm_auth_failed`, and are kept. */
const SAYS_MORE: ReadonlySet<LlmErrorCode> = new Set<LlmErrorCode>(['llm_quota_exhausted']);

/** Wraps a provider's classification: an answer that refuses the key becomes `llm_auth_failed`. */
export function withRefusedKeys(
  classify: (failure: ProviderFailure) => LlmErrorCode,
): (failure: ProviderFailure) => LlmErrorCode {
  return (failure) => {
    const code = classify(failure);
    return refusesKey(failure) && !SAYS_MORE.has(code) ? 'llm_auth_failed' : code;
  };
}

/** A reason that hosts give in a code or in words, under statuses of their own choice. */
interface StatedReason {
  readonly code: LlmErrorCode;
  /** Codes and types, in lower case and without punctuation. */
  readonly names?: RegExp;
  readonly words: RegExp;
  /** The statuses under which the reason counts; any other status is more exact. */
  readonly statuses: ReadonlySet<number>;
}

/** 200 stands for an error inside a 200 answer or a stream. */
const REFUSALS: readonly number[] = [200, 400, 422];
const ANY: readonly number[] = [...REFUSALS, 402, 403, 404, 409, 413, 429, 500, 502, 503];

/**
 * New API, Zhipu and Baidu state an exhausted quota in Chinese, MiniMax under 500, DashScope under 400 and 403, LiteLLM
 * under 400.
 */
const QUOTA: StatedReason = {
  code: 'llm_quota_exhausted',
  names:
    /insufficient\w{0,8}(?:quota|balance|funds?|credits?)|exceededcurrentquota|arrear|budgetexceeded|freetieronly|outofcredits|quotaexhausted|paymentrequired/,
  words:
    /insufficient (?:\w{1,12} )?(?:balance|credits?|quota|funds)|exceeded your current quota|(?:not enough|out of|no(?: more)?) credits?\b|over budget|budget (?:has been |was )?exceeded|exceededbudget|free tier[^.]{0,40}exhausted|plan (?:and|&) billing|credit balance is too low|balance is (?:too low|not enough|insufficient)|(?:spend(?:ing)?|usage|credit) limit|account[^.]{0,30}(?:suspended|good standing|arrears)|欠费|余额不足|餘額不足|额度(?:不足|已用尽|用完)|配额(?:不足|已用尽|用完)|(?:账户|帐户)已?停用/i,
  statuses: new Set(ANY),
};
/** A daily limit. It does not count under 429, where most such limits end within minutes. */
const DAILY: StatedReason = {
  code: 'llm_quota_exhausted',
  words: /daily (?:\w{1,12} )?(?:limit|quota)|(?:requests|tokens) per day/i,
  statuses: new Set(REFUSALS),
};

const REASONS: readonly StatedReason[] = [
  QUOTA,
  DAILY,
  {
    code: 'llm_content_filtered',
    names:
      /datainspection|contentfilter|contentpolicy|contentmoderation|responsibleaipolicy|safetyviolation|promptblocked/,
    words:
      /content exists risk|inappropriate content|content management policy|by (?:our|the) safety system|considered high risk|content (?:audit|moderation|inspection|safety)[^.]{0,30}(?:fail|reject|block)|(?:content|safety|usage) polic(?:y|ies)|content filtering policy|output blocked|input was flagged|_sensitive\b|sensitive (?:content|words?|information)|敏感(?:内容|信息|词)|不安全|(?:内容|输入|输出)?审核(?:不|未)?(?:通过|失败)|违规/i,
    statuses: new Set([...REFUSALS, 403, 451]),
  },
  {
    code: 'llm_rate_limited',
    names: /throttl|ratelimit|toomanyrequests|requestlimitexceeded|limitrequests/,
    words:
      /\brate limit\w{0,3}(?: (?:was|has been|is))? (?:reached|exceeded|hit)|too many requests|频繁|并发(?:数|量)?[^。]{0,10}(?:超|过)|访问量过大|限流/i,
    statuses: new Set([...REFUSALS, 403]),
  },
  {
    code: 'llm_model_invalid',
    names:
      /^(?:invalidmodel\w{0,8}|unknownmodel|nosuchmodel|model\w{0,4}(?:notfound|notexist|notavailable|notsupported|notopen|decommissioned|deprecated|retired|unavailable)\w{0,4})$/,
    words:
      /\b(?:unknown|invalid|no such|unrecogni[sz]ed|unsupported|nonexistent) model\b(?!['"`]? (?:parameter|input|output|version|config))|\bmodel(?: (?:id|name|named))?:? {0,2}(?:['"`][^'"`]{1,200}['"`] |[\w./:@-]{1,200} )?(?:does(?:n['’]t| not) exist|not exist|(?:is|was) ?(?:n['’]t| not) (?:found|available|valid|supported|served|loaded|deployed|a valid model)|not found|has been (?:decommissioned|deprecated|retired|removed|shut down)|is (?:deprecated|decommissioned|retired|no longer)|(?:was )?unloaded)|is not a valid model|no models? loaded|model[^.]{0,100} in the (?:supported|available) models|(?:no available|无可用)[^.]{0,12}(?:channel|渠道)|模型[^，。]{0,60}(?:不存在|未找到|不支持|已下线|未开通)|不支持(?:该|此|的)?模型/i,
    statuses: new Set([...REFUSALS, 503]),
  },
  {
    code: 'llm_context_length_exceeded',
    names: /contextlengthexceeded|exceedcontextsize|prompttoolong|inputtoolong/,
    words:
      /maximum context length|context (?:window|length|size|limit)|(?:prompt|input)(?: text| message)? is too long|(?:range of )?input length|input token count|too many (?:input|prompt) tokens|prompt ?超长|exceed(?:ed|s)? (?:the )?(?:model token limit|max(?:imum)? message tokens)|message token length|(?:输入|上下文|提示词?|prompt)[^，。]{0,20}(?:超过|超出|过长|太长|超长|超限)/i,
    statuses: new Set(REFUSALS),
  },
  {
    code: 'llm_endpoint_invalid',
    words:
      /unexpected endpoint|no route matched|(?:no such|unknown|invalid) (?:route|path|endpoint|url)\b|(?:route|path|endpoint)(?: was| is)? not found|\bcannot (?:post|get) \/|must provide query string/i,
    statuses: new Set([200, 400]),
  },
  {
    code: 'llm_unavailable',
    words:
      /out of memory|model is (?:currently |still )?(?:being )?load(?:ing|ed\b)|loading model|(?:server|service|system|engine|model) (?:is )?(?:currently )?(?:too )?(?:busy|overloaded|unavailable)|temporarily unavailable|服务(?:器)?(?:繁忙|过载|不可用)|系统繁忙/i,
    statuses: new Set([...REFUSALS, 403, 409]),
  },
];

/** The reason that the code, type or message of a failure states more exactly than its status; undefined if they state none. */
export function statedReason(
  { type, code, message, isHtml, wait }: ProviderFailure,
  status: number | null,
): LlmErrorCode | undefined {
  if (isHtml) return undefined;
  const under = status === null || status < 400 ? 200 : status;
  const names = [type, code].map((name) => (name ?? '').toLowerCase().replaceAll(/[^a-z0-9]/g, ''));
  const found = REASONS.find(
    (reason) =>
      reason.statuses.has(under) &&
      (names.some((name) => reason.names?.test(name)) || reason.words.test(message)),
  );
  // Google calls every limit a quota. With a stated wait it is a rate limit, unless it is a daily one.
  if (
    found === QUOTA &&
    under === 429 &&
    hasWait(message, wait) &&
    !/per ?day|daily/i.test(message)
  )
    return 'llm_rate_limited';
  return found?.code;
}

const hasWait = (message: string, wait: ProviderFailure['wait']): boolean =>
  wait !== undefined || /\b(?:retry|try again) in \d/i.test(message);
