import type { Call } from '../http/call.js';
import { listOf, numberOf, textOf } from '../http/json.js';
import { tokensOf } from '../tokens.js';

const DIMENSIONS = 1_536;
/** Of the generator MINSTD: a vector must be cheap, because a benchmark waits for it. */
const MULTIPLIER = 48_271;
const MODULUS = 2_147_483_647;

/** One vector for each text: the same text always gets the same one. It says nothing about the meaning of the text. */
export function embeddingsBody({ fields }: Call, model: string): object {
  const input = textOf(fields['input']);
  const texts = input === undefined ? listOf(fields['input']).map(String) : [input];
  const dimensions = numberOf(fields['dimensions']) ?? DIMENSIONS;
  const isBase64 = fields['encoding_format'] === 'base64';
  const tokens = texts.reduce((sum, text) => sum + tokensOf(text), 0);
  return {
    object: 'list',
    data: texts.map((text, index) => {
      const vector = vectorOf(text, dimensions);
      const embedding = isBase64 ? Buffer.from(vector.buffer).toString('base64') : [...vector];
      return { object: 'embedding', index, embedding };
    }),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

/** A vector of length 1, as OpenAI's are. */
function vectorOf(text: string, dimensions: number): Float32Array {
  let state = 1;
  for (let at = 0; at < text.length; at += 1)
    state = ((state * 31 + text.charCodeAt(at)) % (MODULUS - 1)) + 1;
  const vector = new Float32Array(dimensions);
  let squares = 0;
  for (let at = 0; at < dimensions; at += 1) {
    state = (state * MULTIPLIER) % MODULUS;
    const value = state / MODULUS - 0.5;
    vector[at] = value;
    squares += value * value;
  }
  const length = Math.sqrt(squares);
  return vector.map((value) => value / length);
}
