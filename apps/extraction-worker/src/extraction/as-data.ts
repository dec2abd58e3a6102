/** JSON in which no text can forge a closing tag. */
export function asData(value: object): string {
  return JSON.stringify(value).replaceAll('<', String.raw`\u003c`);
}
