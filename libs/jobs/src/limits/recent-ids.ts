/** A set that keeps only its `maxSize` newest ids. */
export class RecentIds {
  readonly #ids = new Set<string>();

  constructor(private readonly maxSize: number) {}

  add(id: string): void {
    this.#ids.add(id);
    const [oldest] = this.#ids;
    if (this.#ids.size > this.maxSize && oldest !== undefined) this.#ids.delete(oldest);
  }

  delete(id: string): void {
    this.#ids.delete(id);
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }
}
