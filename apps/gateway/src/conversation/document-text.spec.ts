import { expect, it } from 'vitest';

import { piecesOf } from './render-parts.js';

const BASE64 = 'iVBORw0KGgo'.repeat(200);

it.each<[string, unknown, string]>([
  [
    'a document of text',
    { type: 'document', title: 'T', source: { type: 'text', data: 'x' } },
    '[document: T\nx]',
  ],
  [
    'a document of parts',
    {
      type: 'document',
      source: { type: 'content', content: [{ type: 'text', text: 'x' }, { type: 'image' }] },
    },
    '[document: x]',
  ],
  [
    'a document of content',
    { type: 'document', source: { type: 'content', content: 'x' } },
    '[document: x]',
  ],
  ['a document of Bedrock', { document: { name: 'n', source: { text: 'x' } } }, '[document: n\nx]'],
  ['a file of Bedrock', { document: { name: 'n', source: { bytes: BASE64 } } }, '[document]'],
  [
    'a document of Cohere',
    { type: 'document', document: { data: { snippet: 'x' } } },
    '[document: {"snippet":"x"}]',
  ],
  ['a document of LangChain', { type: 'text-plain', text: 'x' }, '[document: x]'],
  [
    'a search result',
    { type: 'search_result', title: 'T', source: 'u', content: [{ type: 'text', text: 'x' }] },
    '[search_result: T\nx]',
  ],
  ['a search result without text', { type: 'search_result', source: 'u' }, '[search_result]'],
  ['a resource of MCP', { type: 'resource', resource: { uri: 'u', text: 'x' } }, '[resource: x]'],
  ['a file of MCP', { type: 'resource', resource: { uri: 'u', blob: BASE64 } }, '[resource]'],
])(
  'renders an attachment as its text, or as its name if it has no text: %s',
  (_what, part, text) => {
    expect(piecesOf(part)).toMatchObject([{ text, isText: text.includes(':') }]);
  },
);
