/** The form in which two facts are the same fact: Unicode-normalised, case and white space folded. */
export function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();
}
