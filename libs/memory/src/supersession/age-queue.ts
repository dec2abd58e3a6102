/** A binary heap of ages: the least comes first. Adding and taking cost the logarithm of its size. */
export class AgeQueue {
  readonly #ages: number[] = [];

  push(age: number): void {
    const ages = this.#ages;
    let at = ages.push(age) - 1;
    for (let parent = (at - 1) >> 1; at > 0; parent = (at - 1) >> 1) {
      if (this.#at(parent) <= age) break;
      ages[at] = this.#at(parent);
      at = parent;
    }
    ages[at] = age;
  }

  pop(): number | undefined {
    const ages = this.#ages;
    const least = ages[0];
    const last = ages.pop();
    if (last === undefined || ages.length === 0) return least;
    let at = 0;
    for (let child = 1; child < ages.length; child = 2 * at + 1) {
      if (this.#at(child + 1) < this.#at(child)) child += 1;
      if (this.#at(child) >= last) break;
      ages[at] = this.#at(child);
      at = child;
    }
    ages[at] = last;
    return least;
  }

  #at(place: number): number {
    return this.#ages[place] ?? Infinity;
  }
}
