import type { Completion, StopReason, Usage } from '../llm-provider.js';

/** One part of an answer: an event of a stream, or the whole of it. */
export interface AnswerPiece {
  readonly text: string;
  readonly thoughts: string;
  readonly calls: readonly CallPiece[];
  readonly stop: StopReason | undefined;
  readonly usage: Partial<Usage>;
  /** It is the whole text and not a further part of it. */
  readonly isWhole: boolean;
  /** The host says that nothing follows. */
  readonly isLast: boolean;
  /** The cost of all of it and nothing else: hosts send that behind the last word. */
  readonly isCost?: boolean;
  /** What a host put where the answer should be. */
  readonly failure?: unknown;
}

/** Part of a tool call. */
export interface CallPiece {
  /** The same for all parts of one call. */
  readonly place: number;
  /** What the host calls it, where it says so. Some hosts give all their calls one place, and only a name of its own. */
  readonly id?: string | null;
  /** JSON text, or a further part of it. */
  readonly input: string;
}

export const NO_PIECE: AnswerPiece = {
  text: '',
  thoughts: '',
  calls: [],
  stop: undefined,
  usage: {},
  isWhole: false,
  isLast: false,
};

/** An answer as it comes in. */
export class CollectedAnswer {
  readonly #texts: string[] = [];
  readonly #thoughts: string[] = [];
  readonly #calls: { place: number; id: string | null; input: string }[] = [];
  #stop: StopReason | undefined;
  #usage: Usage = { inputTokens: 0, outputTokens: 0 };
  #isWhole = false;
  #isLast = false;
  #isCounted = false;

  /** @returns the text that is new. */
  add(piece: AnswerPiece): string {
    // A refusal in parts ends like any other text.
    if (this.#stop !== 'refused') this.#stop = piece.stop ?? this.#stop;
    this.#isCounted ||= piece.isCost === true && this.#hasContent;
    this.#usage = { ...this.#usage, ...piece.usage };
    this.#isLast ||= piece.isLast;
    // A host may send the whole once more at the end of its parts.
    if (piece.isWhole && this.#hasContent) return '';
    this.#isWhole ||= piece.isWhole;
    if (piece.thoughts !== '') this.#thoughts.push(piece.thoughts);
    for (const call of piece.calls) this.#addCall(call);
    if (piece.text !== '') this.#texts.push(piece.text);
    return piece.text;
  }

  end(): void {
    this.#isLast = true;
  }

  /** A reason was given, or the host said that nothing follows: what breaks now, breaks behind the answer. */
  get hasEnded(): boolean {
    return (
      this.#stop !== undefined ||
      this.#isWhole ||
      this.#isCounted ||
      (this.#isLast && this.#hasContent)
    );
  }

  get isLast(): boolean {
    return this.#isLast;
  }

  get completion(): Completion {
    return {
      text: this.#texts.join(''),
      toolCalls: this.#calls.map(({ input }) => input),
      thoughts: this.#thoughts.join(''),
      stop: this.#stop ?? 'other',
      usage: this.#usage,
    };
  }

  #addCall({ place, id = null, input }: CallPiece): void {
    const begun = this.#calls.findLast(
      (call) => call.place === place && (id === null || call.id === null || call.id === id),
    );
    if (begun) begun.input += input;
    else this.#calls.push({ place, id, input });
  }

  get #hasContent(): boolean {
    return this.#texts.length > 0 || this.#calls.length > 0;
  }
}
