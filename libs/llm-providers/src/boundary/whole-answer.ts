/**
 * An answer whose text is known. It has what the SDKs use of a Response: a real one would make a web stream of the text, and
 * read it again.
 */
export class WholeAnswer {
  readonly url = '';

  constructor(
    readonly whole: string,
    readonly status: number,
    readonly headers: Headers,
  ) {}

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  get body(): ReadableStream<Uint8Array> | null {
    return new Response(this.whole).body;
  }

  text(): Promise<string> {
    return Promise.resolve(this.whole);
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  /** An SDK declares that it needs a whole Response. */
  asResponse(): Response {
    return this as unknown as Response;
  }
}
