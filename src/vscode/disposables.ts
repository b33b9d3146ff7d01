interface Disposable {
  dispose(): unknown;
}

/** Owns disposables and disposes them in reverse order; what is added after its end is disposed at once. */
export class Disposables {
  readonly #items: Disposable[] = [];
  #disposed = false;

  add<T extends Disposable>(item: T): T {
    if (this.#disposed) item.dispose();
    else this.#items.push(item);
    return item;
  }

  dispose(): void {
    this.#disposed = true;
    for (const item of this.#items.splice(0).reverse()) item.dispose();
  }
}
