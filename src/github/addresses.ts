/**
 * The addresses that GitHub sends webhooks from: `hooks` of `GET /meta`, kept fresh and never lost. The last good
 * answer is kept on disk, a dated snapshot comes with Longshore, and no answer can empty the list. Several that share
 * what they know ask GitHub once for all of them.
 * https://docs.github.com/rest/meta/meta#get-github-meta-information
 */
import { readFile, rename, writeFile } from "node:fs/promises";
import { Ranges } from "../lib/ranges.ts";
import snapshot from "./addresses.json" with { type: "json" };

const TIMEOUT_MS = 10_000;
const HOUR_MS = 3_600_000;
/** How often it is looked what others have found. */
const LOOK_EVERY_MS = 10_000;
/** Longer than an answer may take: when it has ended, whoever asked is gone. */
const TURN_MS = 15_000;
const ASK_AGAIN_AFTER_MS = 5 * 60_000;
/** GitHub's whole answer is about 100 KB; the limit keeps whatever else answers from filling the memory. */
const MAX_ANSWER_BYTES = 10 * 1024 ** 2;

/** When the list that comes with this version was taken: ISO 8601. It counts until GitHub has answered. */
export const SHIPPED_LIST_AT = `${snapshot.date}T00:00:00Z`;

export interface AddressListOptions {
  /** Such as `https://api.github.com`, without a slash at the end. */
  apiUrl: string;
  /** Where the last good answer is kept; absent: only in memory. */
  file?: string;
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  /** What several know together; absent: each asks for itself. */
  shared?: SharedAddresses;
}

/** Where those who share what they know find it. Whatever goes wrong here is thrown. */
export interface SharedAddresses {
  /** What one of them was told last by the same API. */
  read(): Promise<Copy | undefined>;
  write(copy: Copy): Promise<void>;
  /** Whether it is this one's turn to ask; if so, it is nobody else's for so many milliseconds. */
  takeTurn(forMs: number): Promise<boolean>;
}

interface Copy {
  apiUrl: string;
  etag?: string;
  /** ISO 8601. */
  checkedAt: string;
  hooks: string[];
}

export class AddressList {
  readonly #options: AddressListOptions;
  #copy: Copy = { apiUrl: "", checkedAt: SHIPPED_LIST_AT, hooks: snapshot.hooks };
  #ranges = new Ranges(snapshot.hooks);
  #timer?: NodeJS.Timeout;
  #askAgainAt = 0;
  #stop = new AbortController();

  constructor(options: AddressListOptions) {
    this.#options = options;
  }

  has(address: string): boolean {
    return this.#ranges.has(address);
  }

  /** When GitHub last said, or confirmed, what is in the list: ISO 8601. */
  get checkedAt(): string {
    return this.#copy.checkedAt;
  }

  get ranges(): readonly string[] {
    return this.#ranges.texts;
  }

  /** Takes the last good copy from disk, if there is one for the same API, without asking GitHub. */
  async load(): Promise<void> {
    const { file } = this.#options;
    if (file === undefined) return;
    try {
      const copy = JSON.parse(await readFile(file, "utf8")) as Copy;
      if (copy.apiUrl === this.#options.apiUrl) this.#take(copy);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      this.#options.log.warn({ err: error }, `${file} is of no use; the list of ${this.checkedAt} is used`);
    }
  }

  /** Asks now and then every hour until {@link stop}; with others, once an hour for all of them. */
  async keepFresh(): Promise<void> {
    const { shared } = this.#options;
    if (shared) await this.#lookAround(shared);
    else await this.refresh();
    if (this.#stop.signal.aborted) return;
    this.#timer = setTimeout(() => void this.keepFresh(), shared ? LOOK_EVERY_MS : HOUR_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#stop.abort();
  }

  /** Takes what others have found, and asks when it is time for that and nobody else does. */
  async #lookAround(shared: SharedAddresses): Promise<void> {
    try {
      const theirs = await shared.read();
      if (theirs && timeOf(theirs) > timeOf(this.#copy)) await this.#keep(theirs);
      else if (this.#isOwn && timeOf(this.#copy) > timeOf(theirs)) await shared.write(this.#copy);
      if (this.#isOld && performance.now() > this.#askAgainAt && (await shared.takeTurn(TURN_MS)))
        await this.#askForAll(shared);
    } catch {
      // Whoever cannot reach the others goes on alone. That they cannot be reached is said elsewhere.
      if (this.#isOld && performance.now() > this.#askAgainAt) await this.#askForItself();
    }
  }

  async #askForAll(shared: SharedAddresses): Promise<void> {
    if (await this.#askForItself()) await shared.write(this.#copy);
    // What has failed for this one is left alone by all for a while.
    else if (!this.#stop.signal.aborted) await shared.takeTurn(ASK_AGAIN_AFTER_MS);
  }

  async #askForItself(): Promise<boolean> {
    await this.refresh();
    if (this.#isOld) this.#askAgainAt = performance.now() + ASK_AGAIN_AFTER_MS;
    return !this.#isOld;
  }

  get #isOld(): boolean {
    return !this.#isOwn || Date.now() - timeOf(this.#copy) >= HOUR_MS;
  }

  /** Whether the API that is asked has said it. */
  get #isOwn(): boolean {
    return this.#copy.apiUrl === this.#options.apiUrl;
  }

  /** Asks GitHub once. Whatever goes wrong, the list stays as it was, and the log says why. */
  async refresh(): Promise<void> {
    const { apiUrl, log } = this.#options;
    try {
      const answer = await this.#ask();
      if (answer.status === 304) await this.#keep({ ...this.#copy, checkedAt: new Date().toISOString() });
      else if (answer.ok) await this.#keep(await this.#read(answer));
      else throw new Error(`the answer was ${answer.status}`);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      const reason =
        error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : error;
      log.warn(
        { reason },
        `GitHub's addresses could not be read from ${apiUrl}/meta; the list of ${this.checkedAt} is used`,
      );
    }
  }

  #ask(): Promise<Response> {
    const { apiUrl } = this.#options;
    const { etag } = this.#copy;
    const headers: Record<string, string> = {
      accept: "application/vnd.github+json",
      "user-agent": "longshore",
      "x-github-api-version": "2022-11-28",
    };
    if (etag && this.#isOwn) headers["if-none-match"] = etag;
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    return fetch(`${apiUrl}/meta`, { headers, signal });
  }

  async #read(answer: Response): Promise<Copy> {
    const body: unknown = JSON.parse(await readText(answer));
    const hooks = typeof body === "object" && body !== null && "hooks" in body ? body.hooks : undefined;
    if (!Array.isArray(hooks) || hooks.length === 0) throw new Error("the answer has no `hooks`");
    const etag = answer.headers.get("etag") ?? undefined;
    return {
      apiUrl: this.#options.apiUrl,
      etag,
      checkedAt: new Date().toISOString(),
      hooks: hooks.map(String),
    };
  }

  async #keep(copy: Copy): Promise<void> {
    const before = this.ranges.join();
    this.#take(copy);
    if (before !== this.ranges.join())
      this.#options.log.info({ ranges: copy.hooks }, "GitHub's addresses have changed");
    const { file } = this.#options;
    if (file === undefined) return;
    const draft = `${file}.new`;
    await writeFile(draft, `${JSON.stringify(copy, null, 2)}\n`, { mode: 0o600 });
    await rename(draft, file);
  }

  /** All or nothing: an answer with one bad range is not taken, so it cannot shorten the list. */
  #take(copy: Copy): void {
    if (!Array.isArray(copy.hooks) || copy.hooks.length === 0) throw new Error("the list is empty");
    this.#ranges = new Ranges(copy.hooks);
    this.#copy = copy;
  }
}

/** When it was said, in epoch milliseconds. What claims to be of tomorrow is of no use, or nobody would ever ask again. */
function timeOf(copy: Copy | undefined): number {
  const time = Date.parse(copy?.checkedAt ?? "");
  return time < Date.now() + HOUR_MS ? time : 0;
}

async function readText(answer: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of answer.body ?? []) {
    size += piece.length;
    if (size > MAX_ANSWER_BYTES) throw new Error("the answer is too large");
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}
