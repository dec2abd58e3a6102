/** Marks of chat templates, which some servers leave around an answer. */
const BEGINNINGS = ['<|start_response|>', '<|begin_of_solution|>', '<|start|>assistant'];
const ENDS = [
  '</s>',
  '<|im_end|>',
  '<|eot_id|>',
  '<|eom_id|>',
  '<|end|>',
  '<|return|>',
  '<|endoftext|>',
  '<|end_of_text|>',
  '<|end_of_turn|>',
  '<|end_response|>',
  '<|end_of_solution|>',
  '<end_of_turn>',
  '<turn|>',
  '<｜end▁of▁sentence｜>',
];
/** Elements that some models were trained to answer in. */
const ELEMENTS = ['answer', 'final_answer', 'response', 'output'];

/** Removes the marks around a whole answer. Marks inside it are part of its text. */
export function withoutFrame(text: string): string {
  let answer = text;
  for (;;) {
    const trimmed = answer.trim();
    const inner = innerOf(trimmed, trimmed.toLowerCase());
    if (inner === undefined) return answer;
    answer = inner.trim();
  }
}

function innerOf(text: string, folded: string): string | undefined {
  // Lower case may change the length of a text. Then positions in the two texts differ, and nothing is removed.
  if (text.length !== folded.length) return undefined;
  const beginning = BEGINNINGS.find((mark) => folded.startsWith(mark));
  if (beginning !== undefined) return text.slice(beginning.length);
  const end = ENDS.find((mark) => folded.endsWith(mark));
  if (end !== undefined) return text.slice(0, -end.length);
  const element = ELEMENTS.find(
    (name) => folded.startsWith(`<${name}>`) && folded.endsWith(`</${name}>`),
  );
  return element && text.slice(element.length + 2, -element.length - 3);
}
