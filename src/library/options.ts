/**
 * What {@link createReceiver} is given, checked: all mistakes at once. By hand, because the library's entry loads no
 * library of schemas.
 */
import { problem, UserError } from "../config/problem.ts";
import { Ranges } from "../lib/ranges.ts";
import type { LiveSecret } from "../receive/verify.ts";
import type { ListenerDelivery, ListenerRun } from "./listeners.ts";
import {
  type CheckedStoreOptions,
  checkedDuration,
  checkedSize,
  checkStoreOptions,
  STORE_OPTIONS,
  type StoreOptions,
} from "./store-options.ts";

type OneOrMore<T> = T | readonly T[];

type Secrets = OneOrMore<string | undefined>;

export interface ReceiverOptions extends StoreOptions {
  /**
   * The webhook's secret; several while one replaces another, the newest first. One that is `undefined` or empty is
   * refused. A function is asked with every request: for secrets that change, or are not there yet when the app is built.
   */
  secrets: Secrets | (() => Secrets);
  /** Who may connect: addresses, ranges, `github`, `loopback`, `any`. `["github", "loopback"]` unless said. */
  allowFrom?: OneOrMore<string>;
  /** Whose `X-Forwarded-For` counts: addresses, ranges, `loopback`, `linklocal`, `uniquelocal`. `["loopback"]` unless said. */
  trustProxy?: OneOrMore<string>;
  /** How many of them stand in a row at most. 1 unless said. */
  trustProxyHops?: number;
  /** Whether the SHA-1 of `X-Hub-Signature` counts where there is no better signature. */
  allowSha1?: boolean;
  /** The most that a body may have: bytes, or a text such as `25MiB`, which is the default. */
  maxBody?: number | string;
  /**
   * How long the answer waits for listeners: milliseconds, or a text such as `5s`. After it the answer is 202, and they
   * go on. `8s` unless said: GitHub hangs up after ten seconds, and counts that as a failure. With `store` it waits for
   * none.
   */
  answerWithin?: number | string;
  /** Where GitHub's addresses are asked for. `https://api.github.com` unless said. */
  githubApiUrl?: string;
  /**
   * Called with what a listener threw, and with what else went wrong on this side. Prints to standard error unless
   * said.
   */
  onError?: (error: unknown, context: ErrorContext) => void;
  /** Called for every request that is refused. Nothing in it has been verified. */
  onRefused?: (refused: Refused) => void;
}

export interface ErrorContext {
  /** What was being worked on; absent when it had not been taken in yet. */
  delivery?: ListenerDelivery;
  /** The attempt that has failed, where deliveries are stored. */
  run?: ListenerRun;
}

/** A request that was refused. Texts that the sender wrote are its claims, cut and made harmless. */
export interface Refused {
  /** Such as `signature_mismatch`: see docs/reference/http.md. */
  code: string;
  /** The HTTP status of the answer. */
  status: number;
  /** What the sender was told. */
  message: string;
  /** What only the owner should know, such as the option that would let the sender in. */
  details: Readonly<Record<string, unknown>>;
  /** The address of the sender, as far as it is known. */
  address: string | null;
  /** As claimed. */
  event: string | null;
  /** As claimed. */
  guid: string | null;
  receivedAt: Date;
}

export interface CheckedOptions extends CheckedStoreOptions {
  /** @throws {UserError} when a function has given none. */
  secrets(): readonly LiveSecret[];
  allowFrom: readonly string[];
  trustProxy: readonly string[];
  trustProxyIsExplicit: boolean;
  trustProxyHops: number;
  allowSha1: boolean;
  maxBodyBytes: number;
  answerWithinMs: number;
  githubApiUrl: string;
}

type Report = (message: string) => void;

const KNOWN = [
  "secrets",
  "allowFrom",
  "trustProxy",
  "trustProxyHops",
  "allowSha1",
  "maxBody",
  "answerWithin",
  "githubApiUrl",
  "onError",
  "onRefused",
  ...STORE_OPTIONS,
];
const SENDERS = ["github", "loopback", "any"];
const PROXIES = ["loopback", "linklocal", "uniquelocal"];
const SHORT_SECRET = 16;
const DEFAULTS = {
  allowFrom: ["github", "loopback"],
  trustProxy: ["loopback"],
  trustProxyHops: 1,
  allowSha1: false,
  maxBody: "25MiB",
  answerWithin: "8s",
  githubApiUrl: "https://api.github.com",
};

/** @throws {UserError} naming every mistake. */
export function checkOptions(options: ReceiverOptions): CheckedOptions {
  const problems: string[] = [];
  const given: Partial<ReceiverOptions> = options ?? {};
  const checked = checkEach(given, (message) => void problems.push(message));
  if (problems.length > 0) throw mistakes("The receiver cannot be created:", problems);
  return checked;
}

function checkEach(given: Partial<ReceiverOptions>, report: Report): CheckedOptions {
  for (const name of Object.keys(given))
    if (!KNOWN.includes(name)) report(`there is no option \`${name}\`; there are ${KNOWN.join(", ")}`);
  for (const name of ["onError", "onRefused"] as const)
    if (!["function", "undefined"].includes(typeof given[name])) report(`\`${name}\` must be a function`);
  const all = { ...DEFAULTS, ...withoutAbsent(given) };
  return {
    secrets: secretsOf(given.secrets, report),
    allowFrom: checkedAddresses("allowFrom", all.allowFrom, SENDERS, report),
    trustProxy: checkedAddresses("trustProxy", all.trustProxy, PROXIES, report),
    trustProxyIsExplicit: given.trustProxy !== undefined,
    trustProxyHops: checkedHops(all.trustProxyHops, report),
    allowSha1: checkedFlag("allowSha1", all.allowSha1, report),
    maxBodyBytes: checkedSize("maxBody", all.maxBody, report),
    answerWithinMs: checkedDuration("answerWithin", all.answerWithin, report),
    githubApiUrl: checkedUrl(all.githubApiUrl, report),
    ...checkStoreOptions(withoutAbsent(given), report),
  };
}

function withoutAbsent<T extends object>(given: T): Partial<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function secretsOf(given: ReceiverOptions["secrets"] | undefined, report: Report): CheckedOptions["secrets"] {
  if (typeof given === "function") return askedSecrets(given);
  const secrets = checkedSecrets(given, report);
  return () => secrets;
}

/** The secrets that a function gives, which is mostly the same ones. */
function askedSecrets(ask: () => Secrets): CheckedOptions["secrets"] {
  let last: { given: string; secrets: readonly LiveSecret[] } | undefined;
  return () => {
    const value = ask();
    const given = JSON.stringify(value) ?? "";
    if (last?.given === given) return last.secrets;
    const problems: string[] = [];
    const secrets = checkedSecrets(value, (message) => void problems.push(message));
    if (problems.length > 0) throw mistakes("The receiver has no secret:", problems);
    last = { given, secrets };
    return secrets;
  };
}

function mistakes(title: string, problems: readonly string[]): UserError {
  return new UserError(
    title,
    problems.map((message) => problem("createReceiver", message)),
  );
}

/** Fails closed: whoever forgets a variable must not get a receiver that believes everybody. */
function checkedSecrets(given: unknown, report: Report): readonly LiveSecret[] {
  const values = asList(given);
  if (values.length === 0)
    report("`secrets` is missing or undefined: is the variable set that it comes from?");
  return values.flatMap((value, index) => {
    const name = values.length === 1 ? "`secrets`" : `\`secrets[${index}]\``;
    if (typeof value !== "string" || value === "") {
      const what = value === "" ? "empty" : value === undefined ? "undefined" : "no text";
      report(`${name} is ${what}: is the variable set that it comes from?`);
      return [];
    }
    if (value.length < SHORT_SECRET)
      process.emitWarning(
        `createReceiver: ${name} is shorter than ${SHORT_SECRET} characters; it can be guessed`,
      );
    return [{ name: `secret-${index + 1}`, value }];
  });
}

function checkedAddresses(name: string, given: unknown, words: readonly string[], report: Report): string[] {
  const entries = asList(given).map(String);
  const expected = `an address, a range, or one of ${words.join(", ")}`;
  if (entries.length === 0) report(`\`${name}\` is empty: expected ${expected}`);
  for (const entry of entries)
    if (!words.includes(entry) && !isRange(entry)) report(`\`${name}\`: "${entry}" is not ${expected}`);
  return entries;
}

function checkedHops(given: unknown, report: Report): number {
  if (Number.isInteger(given) && Number(given) >= 1) return Number(given);
  report("`trustProxyHops` must be a whole number from 1");
  return 1;
}

function checkedFlag(name: string, given: unknown, report: Report): boolean {
  if (typeof given !== "boolean") report(`\`${name}\` must be true or false`);
  return given === true;
}

function checkedUrl(given: unknown, report: Report): string {
  const text = String(given);
  if (!URL.canParse(text) || !/^https?:/.test(text))
    report(`\`githubApiUrl\`: "${text}" is no http or https URL, such as "https://api.github.com"`);
  return text.replace(/\/+$/, "");
}

function asList(value: unknown): readonly unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

function isRange(text: string): boolean {
  try {
    new Ranges([text]);
    return true;
  } catch {
    return false;
  }
}
