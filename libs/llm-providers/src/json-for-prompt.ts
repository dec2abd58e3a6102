/** JSON for the data block of a prompt. `<` is escaped, so that no text can forge a closing tag. */
export function jsonForPrompt(value: object): string {
  return JSON.stringify(value).replaceAll('<', String.raw`\u003c`);
}
