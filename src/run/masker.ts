/** Puts `***` in the place of secrets in whatever leaves a run, in all their forms at once. */
import { Patterns } from "./patterns.ts";
import { secretForms } from "./secret-forms.ts";

const MASK = Buffer.from("***");

/** What has been built into one automaton. */
interface Segment {
  forms: readonly Uint8Array[];
  bytes: number;
  patterns: Patterns;
}

export class Masker {
  /** Each more than twice as large as the next one, so that there are few, and a form is built in only a few times. */
  #segments: readonly Segment[] = [];

  /** @param secrets values; empty ones are nothing to hide. */
  constructor(secrets: readonly string[]) {
    this.#build(secrets.flatMap(secretForms));
  }

  /** From now on this is a secret, too, also in the streams that there are already. */
  add(secret: string): void {
    this.#build(secretForms(secret));
  }

  /**
   * A text that is there as a whole, such as a reason.
   *
   * @param isCut whether it goes on: then what may be the beginning of a secret at its end is left out.
   */
  text(text: string, { isCut = false } = {}): string {
    const stream = this.stream();
    const sure = stream.add(Buffer.from(text));
    return Buffer.concat([sure, ...(isCut ? [] : [stream.end()])]).toString();
  }

  /** For what comes in pieces: a secret may begin in one and end in another. */
  stream(): MaskedStream {
    return new MaskedStream(() => this.#segments);
  }

  #build(texts: readonly string[]): void {
    if (texts.length === 0) return;
    let forms: readonly Uint8Array[] = texts.map((form) => Buffer.from(form));
    let bytes = forms.reduce((sum, { length }) => sum + length, 0);
    const segments = [...this.#segments];
    for (let last = segments.at(-1); last && last.bytes <= 2 * bytes; last = segments.at(-1)) {
      forms = [...last.forms, ...forms];
      bytes += last.bytes;
      segments.pop();
    }
    this.#segments = [...segments, { forms, bytes, patterns: new Patterns(forms) }];
  }
}

/** Bytes that belong to a secret, from and to (not included) an index. */
interface Span {
  start: number;
  end: number;
}

/** How far a text has been looked through for one segment. */
interface Search {
  patterns: Patterns;
  state: number;
}

export class MaskedStream {
  readonly #current: () => readonly Segment[];
  #segments: readonly Segment[] = [];
  #searches: Search[] = [];
  /** What may be the beginning of a secret. */
  #held: Uint8Array = new Uint8Array();
  /** The secrets in it, in order and apart. */
  #spans: Span[] = [];
  /** Whether the last bytes that were given out belong to a secret, so that what goes on with it is not a second one. */
  #isInSecret = false;

  constructor(current: () => readonly Segment[]) {
    this.#current = current;
  }

  /** What is sure by now; the rest, always shorter than the longest secret, is held back. */
  add(bytes: Uint8Array): Uint8Array {
    this.#lookForNew();
    if (this.#searches.length === 0) return bytes;
    const all = this.#held.length > 0 ? Buffer.concat([this.#held, bytes]) : bytes;
    this.#search(all, this.#held.length);
    const open = Math.max(...this.#searches.map(({ patterns, state }) => patterns.openAt(state)));
    return this.#giveOut(all, all.length - open);
  }

  /** What was held back. Nothing comes after it. */
  end(): Uint8Array {
    this.#lookForNew();
    return this.#giveOut(this.#held, this.#held.length);
  }

  /** Secrets that have been added may stand in what is held back, beside those that were found there. */
  #lookForNew(): void {
    const segments = this.#current();
    if (segments === this.#segments) return;
    this.#segments = segments;
    this.#searches = segments.map(({ patterns }) => ({ patterns, state: Patterns.START }));
    const known = this.#spans;
    this.#spans = [];
    this.#search(this.#held, 0);
    const all = [...known, ...this.#spans].sort(byEnd);
    this.#spans = [];
    this.#coverAll(all);
  }

  #search(all: Uint8Array, from: number): void {
    const found = this.#searches.flatMap((search) => spansIn(all, from, search));
    this.#coverAll(this.#searches.length > 1 ? found.sort(byEnd) : found);
  }

  #coverAll(spans: readonly Span[]): void {
    for (const span of spans) this.#cover(span);
  }

  /** Spans come in the order of their ends; one that begins early takes in those before it. */
  #cover(span: Span): void {
    let { start } = span;
    for (let last = this.#spans.at(-1); last && last.end >= start; last = this.#spans.at(-1)) {
      start = Math.min(start, last.start);
      this.#spans.pop();
    }
    this.#spans.push({ start, end: span.end });
  }

  #giveOut(all: Uint8Array, end: number): Uint8Array {
    const parts: Uint8Array[] = [];
    const rest: Span[] = [];
    let given = 0;
    for (const span of this.#spans) {
      // One secret may have begun inside another that is known already: the other is given out up to there.
      const until = Math.min(span.end, end);
      if (until > span.start) {
        if (span.start > given) parts.push(all.subarray(given, span.start));
        if (span.start > given || !this.#isInSecret) parts.push(MASK);
        this.#isInSecret = true;
        given = until;
      }
      if (span.end > end) rest.push({ start: Math.max(span.start, end) - end, end: span.end - end });
    }
    if (end > given) {
      parts.push(all.subarray(given, end));
      this.#isInSecret = false;
    }
    this.#spans = rest;
    this.#held = all.subarray(end);
    return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
  }
}

/** In the order of their ends. Afterwards the search stands at the end. */
function spansIn(all: Uint8Array, from: number, search: Search): Span[] {
  const { patterns } = search;
  const spans: Span[] = [];
  let { state } = search;
  for (let at = from; at < all.length; at++) {
    state = patterns.next(state, all[at] ?? 0);
    const length = patterns.lengthAt(state);
    if (length > 0) spans.push({ start: at + 1 - length, end: at + 1 });
  }
  search.state = state;
  return spans;
}

function byEnd(one: Span, other: Span): number {
  return one.end - other.end;
}
