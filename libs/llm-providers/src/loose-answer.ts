/** A server that forgets its content type has its JSON handed on as text by the SDKs. */
export function asJson(answer: unknown): unknown {
  if (typeof answer !== 'string') return answer;
  try {
    return JSON.parse(answer);
  } catch {
    return answer;
  }
}

/** Some answer 200 and put an error inside. */
export function holdsError(answer: unknown): boolean {
  return (
    typeof answer === 'object' && answer !== null && 'error' in answer && Boolean(answer.error)
  );
}
