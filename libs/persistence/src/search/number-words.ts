import { JOINT, type SearchWords } from './search-words.js';

/** A telephone number, or a long number in groups; no part of a list of numbers. */
const GROUPED_DIGITS = /(?<!\p{L})(?<!\d[ ,]?)\+?\(?\d[\d ()./-]{5,24}\d(?![\p{L}\p{N}]|[ ,]\d)/gu;
const DATE_OR_ADDRESS = /^(?:\d{4}-\d\d-\d\d|\d{1,3}(?:\.\d{1,3}){3})/;
/** An account number as banks print it. */
const GROUPED_ACCOUNT =
  /(?<![\p{L}\p{N}])[A-Z]{2}\d\d(?: [A-Z\d]{4}){2,7}(?: [A-Z\d]{1,3})?(?![\p{L}\p{N}])/gu;

/** Lengths of a telephone number without its country code or area code. */
const ENDINGS = [7, 8, 9, 10];
const MIN_DIGITS = 7;

/** Adds search words for telephone and account numbers, so that they match in any grouping and with or without a country code. */
export function addNumbers(text: string, { parts }: SearchWords): void {
  for (const [number] of text.matchAll(GROUPED_DIGITS)) {
    if (DATE_OR_ADDRESS.test(number)) continue;
    const digits = number.replaceAll(/\D/g, '').replace(/^0+/, '');
    if (digits.length < MIN_DIGITS) continue;
    const lengths = [...ENDINGS, digits.length].filter((length) => length <= digits.length);
    parts.push(...new Set(lengths.map((length) => JOINT + digits.slice(-length))));
  }
  for (const [account] of text.matchAll(GROUPED_ACCOUNT)) parts.push(account.replaceAll(' ', ''));
}
