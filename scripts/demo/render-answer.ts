import type { Answer } from './aurra-client.js';

const EXCERPT_CHARACTERS = 160;

/** Shows a question, its answer, and for each marker in the answer the quoted message of the conversation. */
export function renderAnswer(question: string, answer: Answer): string {
  const sources = answer.citations
    .filter((citation) => citation.cited_by_llm)
    .map(({ index, memory_id }) => {
      const memory = answer.memories.find(({ id }) => id === memory_id);
      const quote = excerpt(memory?.source_citation.original_message ?? '');
      return `   [mem-${index}] session ${memory?.session_id ?? 'unknown'}: "${quote}"`;
    });
  return ['', `Q: ${question}`, `A: ${answer.answer_with_citations}`, ...sources].join('\n');
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= EXCERPT_CHARACTERS ? line : `${line.slice(0, EXCERPT_CHARACTERS)}…`;
}
