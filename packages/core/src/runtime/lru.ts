/** A map that forgets what was used longest ago once its entries weigh more than a bound. */
export class LruMap<V, K = string> {
  readonly #entries = new Map<K, { readonly value: V; readonly weight: number }>();
  readonly #bound: number;
  #weight = 0;

  /** @param bound largest total weight, in bytes as the caller estimates them */
  constructor(bound: number) {
    this.#bound = bound;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Estimated bytes of all entries. */
  get weight(): number {
    return this.#weight;
  }

  /** All entries, the one used longest ago first. */
  values(): readonly V[] {
    return [...this.#entries.values()].map(({ value }) => value);
  }

  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  set(key: K, value: V, weight: number): void {
    this.#delete(key);
    this.#entries.set(key, { value, weight });
    this.#weight += weight;
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#bound || oldest === key) break;
      this.#delete(oldest);
    }
  }

  #delete(key: K): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#weight -= entry.weight;
  }
}
