/** What comes when it likes, for one reader who takes it one by one. */
export class Feed<Item> implements AsyncIterable<Item> {
  readonly #items: Item[] = [];
  #ended = false;
  #changed = Promise.withResolvers<void>();

  push(item: Item): void {
    this.#items.push(item);
    this.#changed.resolve();
  }

  /** What was pushed before it is still read. */
  end(): void {
    this.#ended = true;
    this.#changed.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    for (;;) {
      for (let item = this.#items.shift(); item !== undefined; item = this.#items.shift())
        yield item;
      if (this.#ended) return;
      await this.#changed.promise;
      this.#changed = Promise.withResolvers<void>();
    }
  }
}
