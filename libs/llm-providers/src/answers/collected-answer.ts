import { MAX_TOOL_CALLS, tooManyToolCalls } from '../boundary/bounds.js';
import type { Completion, StopReason, Usage } from '../llm-provider.js';

/** One part of an answer: an event of a stream, or an answer that arrived in one piece. */
export interface AnswerPiece {
  readonly text: string;
  readonly thoughts: string;
  readonly calls: readonly CallPiece[];
  readonly stop: StopReason | undefined;
  readonly usage: Partial<Usage>;
  /** The text is the whole answer and not a further part of it. */
  readonly isWhole: boolean;
  /** The event holds a message in place of a delta. Its text may be the whole answer, the answer so far, or a further part. */
  readonly isMessage?: boolean;
  /** The host states the end of the answer. */
  readonly isLast: boolean;
  /** The piece holds only the usage of the whole answer, which hosts send after the last text. */
  readonly isUsageOnly?: boolean;
  /** An error that a host sent in place of the answer. */
  readonly failure?: unknown;
}

/** Part of a tool call. */
export interface CallPiece {
  /** The same for all parts of one call. */
  readonly place: number;
  /** The host's id of the call, if it sends one. Some hosts give every call the same index: then only the ids differ. */
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

interface StartedCall {
  readonly id: string | null;
  input: string;
}

/** Assembles the pieces of one answer. */
export class CollectedAnswer {
  readonly #texts: string[] = [];
  readonly #thoughts: string[] = [];
  readonly #calls: StartedCall[] = [];
  /** The latest call at each place, and each call that has an id. */
  readonly #callAt = new Map<number | string, StartedCall>();
  #stop: StopReason | undefined;
  #usage: Usage = { inputTokens: 0, outputTokens: 0 };
  #isWhole = false;
  #isLast = false;
  #isFollowedByUsage = false;
  #messages = 0;
  #characters = 0;
  /** A message repeated the answer so far and continued it. Later messages of the host are expected to do the same. */
  #isCumulative = false;

  /** @returns the text that this piece adds */
  add(piece: AnswerPiece): string {
    // A refusal is kept, because a refusal that is sent in parts ends with an ordinary stop reason.
    if (this.#stop !== 'refused') this.#stop = piece.stop ?? this.#stop;
    this.#isFollowedByUsage ||= piece.isUsageOnly === true && this.#hasContent;
    this.#usage = { ...this.#usage, ...piece.usage };
    this.#isLast ||= piece.isLast;
    if (piece.isMessage === true) this.#messages += 1;
    // A host may repeat the whole answer after its parts.
    if ((piece.isWhole || piece.isMessage === true) && this.#hasContent) return this.#more(piece);
    this.#isWhole ||= piece.isWhole;
    if (piece.thoughts !== '') this.#thoughts.push(piece.thoughts);
    for (const call of piece.calls) this.#addCall(call);
    return this.#addText(piece.text);
  }

  /**
   * Adds the text of a message or of a whole answer that arrives after other text. If it repeats the known text, only its
   * continuation is added. A shorter text is not compared, so the time is bounded by the size of the host's answer.
   */
  #more({ text }: AnswerPiece): string {
    if (text.length >= this.#characters) {
      const known = this.#texts.join('');
      if (text.startsWith(known)) {
        this.#isCumulative ||= text.length > known.length;
        return this.#addText(text.slice(known.length));
      }
    }
    return this.#messages === 1 || this.#isCumulative ? '' : this.#addText(text);
  }

  #addText(text: string): string {
    if (text !== '') this.#texts.push(text);
    this.#characters += text.length;
    return text;
  }

  end(): void {
    this.#isLast = true;
  }

  /**
   * Whether the answer is complete: it has a stop reason, came in one piece, was followed by its usage, or the host stated
   * its end. A later failure is ignored.
   */
  get hasEnded(): boolean {
    return (
      this.#stop !== undefined ||
      this.#isWhole ||
      this.#isFollowedByUsage ||
      (this.#isLast && this.#hasContent)
    );
  }

  /** A stream of one message is complete when it ends, even without a stop reason. */
  get isOneMessage(): boolean {
    return this.#messages === 1 && this.#hasContent;
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
    const latest = this.#callAt.get(place);
    const continues = latest && (id === null || latest.id === null || latest.id === id);
    const started = continues ? latest : this.#callAt.get(`${place} ${id}`);
    if (started) {
      started.input += input;
      return;
    }
    if (this.#calls.length === MAX_TOOL_CALLS) throw tooManyToolCalls();
    const call = { id, input };
    this.#calls.push(call);
    this.#callAt.set(place, call);
    if (id !== null) this.#callAt.set(`${place} ${id}`, call);
  }

  get #hasContent(): boolean {
    return this.#texts.length > 0 || this.#calls.length > 0;
  }
}
