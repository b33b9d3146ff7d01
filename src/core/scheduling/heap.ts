/** Numbers of which the smallest comes out first. Putting in and taking out take O(log n). */
export class Heap {
  readonly #items: number[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** The smallest; undefined when empty. */
  get first(): number | undefined {
    return this.#items[0];
  }

  push(item: number): void {
    const items = this.#items;
    let place = items.length;
    items.push(item);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = items[above] as number;
      if (other <= item) break;
      items[place] = other;
      place = above;
    }
    items[place] = item;
  }

  pop(): number | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return first;
    let place = 0;
    for (let below = 1; below < items.length; below = 2 * place + 1) {
      if (below + 1 < items.length && (items[below + 1] as number) < (items[below] as number)) below += 1;
      const other = items[below] as number;
      if (other >= last) break;
      items[place] = other;
      place = below;
    }
    items[place] = last;
    return first;
  }

  /** All of them, in no order. */
  values(): readonly number[] {
    return this.#items;
  }

  clear(): void {
    this.#items.length = 0;
  }
}
