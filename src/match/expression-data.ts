/**
 * Values as the evaluator of expressions takes them, made of plain JSON only as far as an expression looks at them: the
 * evaluator's own conversion takes 400 ms for the largest payloads and fails for lists of 120,000 items.
 */
import { data } from "@actions/expressions";

export type ExpressionData = data.ExpressionData;

/** Any value that JSON knows; what is not there is null, as in Actions. */
export function toData(value: unknown): ExpressionData {
  switch (typeof value) {
    case "string":
      return new data.StringData(value);
    case "number":
      return new data.NumberData(value);
    case "boolean":
      return new data.BooleanData(value);
    case "object":
      if (value === null) return new data.Null();
      return Array.isArray(value) ? new List(value) : toDictionary(value);
    default:
      return new data.Null();
  }
}

export function toDictionary(value: object): data.Dictionary {
  return new Dictionary(value);
}

/** An object. Its keys have no case; of two that differ in it only, the first counts. */
class Dictionary extends data.Dictionary {
  readonly #entries: readonly [key: string, value: unknown][];
  #indexes?: Map<string, number>;
  /** The same object each time it is asked for: objects are equal only to themselves. */
  readonly #converted: (ExpressionData | undefined)[] = [];

  constructor(value: object) {
    super();
    this.#entries = Object.entries(value);
  }

  override get(key: string): ExpressionData | undefined {
    const index = this.#indexOf().get(key.toLowerCase());
    return index === undefined ? undefined : this.#at(index);
  }

  override values(): ExpressionData[] {
    return [...this.#indexOf().values()].map((index) => this.#at(index));
  }

  override pairs(): ReturnType<data.Dictionary["pairs"]> {
    return [...this.#indexOf().values()].map((index) => ({
      key: this.#entries[index]?.[0] ?? "",
      value: this.#at(index),
    }));
  }

  #at(index: number): ExpressionData {
    const value = this.#converted[index] ?? toData(this.#entries[index]?.[1]);
    this.#converted[index] = value;
    return value;
  }

  #indexOf(): Map<string, number> {
    if (this.#indexes) return this.#indexes;
    this.#indexes = new Map();
    for (const [index, [key]] of this.#entries.entries()) {
      const name = key.toLowerCase();
      if (!this.#indexes.has(name)) this.#indexes.set(name, index);
    }
    return this.#indexes;
  }
}

class List extends data.Array {
  readonly #values: readonly unknown[];
  #converted?: ExpressionData[];

  constructor(values: readonly unknown[]) {
    super();
    this.#values = values;
  }

  override get(index: number): ExpressionData {
    return this.values()[index] ?? new data.Null();
  }

  override values(): ExpressionData[] {
    this.#converted ??= this.#values.map(toData);
    return this.#converted;
  }
}
