/** The credential of an `Authorization: Bearer …` header; the scheme's name is in any case (RFC 9110). */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
}
