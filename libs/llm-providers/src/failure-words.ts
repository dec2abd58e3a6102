import type { LlmErrorCode } from './llm.error.js';
import type { ProviderFailure } from './provider-failure.js';

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

/** New API, Zhipu and Baidu state it in Chinese, MiniMax under 500, DashScope under 400 and 403, LiteLLM under 400. */
const QUOTA: StatedReason = {
  code: 'llm_quota_exhausted',
  names:
    /insufficient\w{0,8}(?:quota|balance|funds?|credits?)|exceededcurrentquota|arrear|budgetexceeded|freetieronly|outofcredits|quotaexhausted|paymentrequired/,
  words:
    /insufficient (?:\w{1,12} )?(?:balance|credits?|quota|funds)|exceeded your current quota|(?:not enough|out of|no(?: more)?) credits?\b|over budget|budget (?:has been |was )?exceeded|exceededbudget|free tier[^.]{0,40}exhausted|plan (?:and|&) billing|credit balance is too low|balance is (?:too low|not enough|insufficient)|(?:spend(?:ing)?|usage|credit) limit|account[^.]{0,30}(?:suspended|good standing|arrears)|欠费|余额不足|餘額不足|额度(?:不足|已用尽|用完)|配额(?:不足|已用尽|用完)|(?:账户|帐户)已?停用/i,
  statuses: new Set(ANY),
};
/** Not under 429, where most such limits end within minutes. */
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
  { type, code, message, html, wait }: ProviderFailure,
  status: number | null,
): LlmErrorCode | undefined {
  if (html) return undefined;
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
