/** First match wins, so what must not be missed (health, law, food) stands above what is merely likely. */
const CATEGORIES: readonly (readonly [string, RegExp])[] = [
  [
    'dietary',
    /\b(?:vegan|vegetarian|gluten|lactose|pescatarian|halal|kosher|diet|allerg\w+ to (?:nuts?|peanuts?|milk|eggs?|shellfish|fish|soy|wheat|dairy|sesame|strawberr\w+)|(?:nut|peanut|dairy|shellfish|food) allerg\w+|don't eat|doesn't eat|never eats?)\b/i,
  ],
  [
    'health_medical',
    /\b(?:allerg\w+|diagnos\w+|asthma|diabet\w+|medication|prescri\w+|surgery|doctor|hospital|therap(?:y|ist)|injur\w+|illness|pregnan\w+|migraine|blood pressure|insomnia|anxiety disorder|depression|vaccin\w+)\b/i,
  ],
  [
    'legal_status',
    /\b(?:visa|citizen\w*|green card|residence permit|lawsuit|custody|immigration|passport|asylum|court)\b/i,
  ],
  [
    'identity',
    /\b(?:name is|is called|years old|born (?:on|in)|birthday|nationality|native language|pronouns)\b/i,
  ],
  [
    'relationship',
    /\b(?:wife|husband|partner|girlfriend|boyfriend|spouse|married|engaged to|divorc\w+|dating|date night|dates?\b(?= with)|mother|father|mom|dad|parents?|sister|brother|sibling|daughter|son|child|children|kids?|grandm\w+|grandf\w+|family|cousin|best friend|friendships?|romantic)\b/i,
  ],
  [
    'work',
    /\b(?:works? (?:at|for|as|in|on)|worked (?:at|for|as)|job|career|employ\w+|company|boss|manager|colleagues?|coworkers?|promot(?:ed|ion)|hired|office|profession\w*|freelanc\w+|salary|startup)\b/i,
  ],
  [
    'education',
    /\b(?:stud(?:y|ies|ied|ying)|university|college|school|degree|graduat\w+|phd|master's|bachelor's|exam|course|workshop|lessons?|class(?:es)?|tutorials?|seminar|lecture)\b/i,
  ],
  [
    'location',
    /\b(?:lives? in|lived in|living in|moved (?:to|from|into)|resides?|based in|hometown|apartment|house in|grew up in|neighbou?rhood)\b/i,
  ],
  [
    'travel',
    /\b(?:travel\w*|trip|flight|flew|vacation|holiday|hotel|abroad|tour|road trip|backpack\w*)\b/i,
  ],
  ['subscription', /\b(?:subscri\w+|membership|netflix|spotify|newsletter)\b/i],
  [
    'financial',
    /\b(?:budget\w*|mortgage|loan|savings?|invest\w+|debt|tax(?:es)?|bank|income|rent|discounts?|coupons?|deals?|sales?)\b/i,
  ],
  [
    'technology',
    /\b(?:laptop|phone|computer|software|app|coding|programming|python|typescript|javascript|linux|website|online platform|algorithm|daw|smart home)\b/i,
  ],
  [
    'schedule',
    /\b(?:every (?:day|week|morning|evening|monday|tuesday|wednesday|thursday|friday|saturday|sunday)|meeting|appointment|deadline|calendar|at \d{1,2}(?::\d{2})? ?(?:am|pm))\b/i,
  ],
  [
    'preference',
    /\b(?:likes?|loves?|prefers?|enjoy(?:s|ed)?|hates?|dislikes?|favou?rites?|fond of|fan of|passion\w*|can't stand|appreciates?|(?:didn't|doesn't) (?:enjoy|like)|drawn to|frustrat\w+|disappoint\w+|uncomfortable)\b/i,
  ],
  [
    'goal',
    /\b(?:plans? to|wants? to|hop(?:es|ing) to|aims? to|goal|dreams? of|intends? to|would like to|is going to|looking to|aspires?|resol(?:ved|ution))\b/i,
  ],
  [
    'event',
    /\b(?:attend\w*|concert|festival|party|wedding|conference|show|exhibition|event|celebrat\w+|hosted|ceremony|potluck|went to|visited|joined|participated|organi[sz]ed|volunteered|tried|attempted|sampled|watched|explored|curated)\b/i,
  ],
  [
    'project',
    /\b(?:project|building|built|creat(?:ed|ing)|wrote|writing|launched|designed|started|renovat\w+)\b/i,
  ],
  [
    'product',
    /\b(?:bought|purchased|ordered|owns?|car|bike|camera|shoes|clothes|clothing|brand)\b/i,
  ],
];

const TOPICS: readonly (readonly [string, RegExp])[] = [
  [
    'Reading',
    /\b(?:books?|novels?|reading|literature|literary|author|poetry|library|storytelling|writing|blog)\b/i,
  ],
  [
    'Music',
    /\b(?:music\w*|song|concert|guitar|piano|instrument|playlist|remix\w*|band|karaoke|album|dj|choir)\b/i,
  ],
  [
    'Cooking',
    /\b(?:cook\w*|recipe|kitchen|bak(?:e|ing|ed)|potluck|cuisine|culinary|restaurant|food|dishes)\b/i,
  ],
  ['Diet', /\b(?:vegan|vegetarian|gluten|diet|nuts?|peanuts?|lactose|dairy)\b/i],
  [
    'Health',
    /\b(?:health|allerg\w+|doctor|therap\w+|medic\w+|sleep|wellness|hospital|diagnos\w+|meditat\w+)\b/i,
  ],
  [
    'Fitness',
    /\b(?:fitness|gym|yoga|running|marathon|hik(?:e|ing|es)|workout|sport|dance|dancing|swim\w*|cycling|climb\w*)\b/i,
  ],
  ['Dating', /\b(?:dat(?:ing|es?)|romantic|relationship|speed-dating|girlfriend|boyfriend)\b/i],
  [
    'Family',
    /\b(?:family|wife|husband|mother|father|mom|dad|sister|brother|daughter|son|kids?|children|parents?)\b/i,
  ],
  [
    'Shopping',
    /\b(?:shop\w*|sales?|discounts?|deals?|coupons?|bought|purchas\w+|store|brands?|fashion|subscription box|clothing)\b/i,
  ],
  [
    'Technology',
    /\b(?:technolog\w+|software|app|computer|coding|programming|online|digital|website|phone|laptop)\b/i,
  ],
  [
    'Work',
    /\b(?:work(?:s|ed|ing)? (?:at|for|as|in|on)|job|career|company|office|colleagues?|boss|promot\w+|business)\b/i,
  ],
  [
    'Education',
    /\b(?:stud(?:y|ies|ied)|university|college|school|degree|course|class|workshop|learn\w*)\b/i,
  ],
  ['Home', /\b(?:lives? in|moved|apartment|house|home|garden\w*|neighbou?rhood|decorat\w+)\b/i],
  ['Travel', /\b(?:travel\w*|trip|flight|vacation|hotel|abroad|holiday)\b/i],
  ['Film', /\b(?:films?|movies?|cinema|documentar\w+|television|tv|series)\b/i],
  ['Art', /\b(?:art|paint\w*|photo\w*|craft\w*|museum|gallery|drawing|theat(?:re|er)|comedy)\b/i],
  ['Finance', /\b(?:budget\w*|invest\w*|savings?|loan|mortgage|tax\w*|bank)\b/i],
  ['Pets', /\b(?:dog|cat|puppy|kitten|pet)\b/i],
  ['Identity', /\b(?:name is|years old|birthday|born)\b/i],
];

/** Anchors: 9–10 critical, 7–8 lasting, 5–6 useful, 3–4 passing, 1–2 trivial. */
const IMPORTANCE: readonly (readonly [number, RegExp])[] = [
  [9, /\b(?:allerg\w+|diagnos\w+|emergency|epileps\w+|diabet\w+|life-threatening|medication)\b/i],
  [
    8,
    /\b(?:name is|married|divorc\w+|pregnan\w+|born|works? (?:at|for|as)|lives? in|moved to|visa|surgery|engaged to)\b/i,
  ],
  [
    7,
    /\b(?:vegan|vegetarian|wife|husband|daughter|son|graduat\w+|degree|deadline|new job|promot\w+)\b/i,
  ],
  [
    6,
    /\b(?:plans? to|goal|wants? to|prefers?|favou?rites?|hates?|stopped|quit|switched|no longer|started|joined)\b/i,
  ],
  [5, /\b(?:loves?|likes?|enjoy\w*|passion\w*|bought|attended|learn\w*|tried)\b/i],
  [2, /\b(?:weather|nice day|a bit tired)\b/i],
];

export function categoryOf(text: string): string {
  return firstMatch(CATEGORIES, text) ?? 'other';
}

export function topicOf(text: string): string {
  return firstMatch(TOPICS, text) ?? 'General';
}

export function importanceOf(text: string): number {
  return firstMatch(IMPORTANCE, text) ?? 4;
}

function firstMatch<Value>(
  table: readonly (readonly [Value, RegExp])[],
  text: string,
): Value | undefined {
  return table.find(([, pattern]) => pattern.test(text))?.[0];
}
