import { stems } from './words.js';

/** What a sentence says of whom: a property that holds one value at a time. */
export interface Statement {
  readonly subject: string;
  readonly property: string;
  readonly value: ReadonlySet<string>;
}

const NUMBER = String.raw`\d+|one|two|three|four|five|six|seven|eight|nine|ten|a dozen`;

/** Each names its property, or takes it from the sentence. The subject is what stands before. */
const PATTERNS: readonly (readonly [property: string | undefined, RegExp])[] = [
  [
    'home',
    /^(?<subject>.+?) (?:lives in|is living in|moved (?:back )?to|relocated to|resides in|is based in) (?<value>.+)$/i,
  ],
  [
    'employer',
    /^(?<subject>.+?) (?:works (?:at|for)|is working (?:at|for)|joined|is employed (?:at|by)|(?:got|has|started) a (?:new )?job (?:at|with)|started (?:working )?at) (?<value>.+)$/i,
  ],
  ['role', /^(?<subject>.+?) (?:works as|is working as|was promoted to) (?<value>.+)$/i],
  [
    undefined,
    new RegExp(
      `^(?<subject>.+?) (?:has|owns|employs) (?<value>${NUMBER}) (?<property>[\\p{L} -]+)$`,
      'iu',
    ),
  ],
  [
    undefined,
    /^(?<subject>.+?['’]s) (?<property>[\p{L} -]+?) (?:is|are|was changed to|changed to) (?<value>.+)$/iu,
  ],
  [
    undefined,
    /^(?<subject>the) (?<property>[\p{L} -]+?) (?:is|are|was moved to|moved to|changed to) (?<value>.+)$/iu,
  ],
];

const DATE_FIRST = /^(?:on|in|since|as of) (?:the )?[^,]*?\b\d{4},? /i;
const ADVERBS = /\b(?:now|currently|recently|just|these days|at the moment|since then)\b,?/gi;

/** Undefined for a sentence that says nothing of that kind, or not plainly. */
export function statementIn(sentence: string): Statement | undefined {
  const plain = sentence
    .trim()
    .replace(/[.!\s]+$/, '')
    .replace(DATE_FIRST, '')
    .replace(ADVERBS, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  for (const [property, pattern] of PATTERNS) {
    const groups = pattern.exec(plain)?.groups;
    if (groups === undefined) continue;
    return {
      subject: (groups['subject'] ?? '').toLowerCase(),
      property: property ?? stems(groups['property'] ?? '').join(' '),
      value: new Set(stems(groups['value'] ?? '')),
    };
  }
  return undefined;
}
