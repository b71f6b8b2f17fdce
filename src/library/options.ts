/**
 * What {@link createReceiver} is given, checked: all mistakes at once. By hand, because the library's entry loads no
 * library of schemas.
 */
import { problem, UserError } from "../config/problem.ts";
import { parseDuration, parseSize } from "../lib/quantity.ts";
import { Ranges } from "../lib/ranges.ts";
import type { ListenerDelivery } from "./listeners.ts";

type OneOrMore<T> = T | readonly T[];

export interface ReceiverOptions {
  /** The webhook's secret; several while one replaces another, the newest first. One that is `undefined` or empty is refused. */
  secrets: OneOrMore<string | undefined>;
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
   * go on. `8s` unless said: GitHub hangs up after ten seconds, and counts that as a failure.
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

export interface CheckedOptions {
  secrets: readonly { name: string; value: string }[];
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
];
const SENDERS = ["github", "loopback", "any"];
const PROXIES = ["loopback", "linklocal", "uniquelocal"];
const SHORT_SECRET = 16;
const DEFAULT_MAX_BODY = "25MiB";
const DEFAULT_ANSWER_WITHIN = "8s";

/** @throws {UserError} naming every mistake. */
export function checkOptions(options: ReceiverOptions): CheckedOptions {
  const problems: string[] = [];
  const report: Report = (message) => void problems.push(message);
  const given: Partial<ReceiverOptions> = options ?? {};
  for (const name of Object.keys(given))
    if (!KNOWN.includes(name)) report(`there is no option \`${name}\`; there are ${KNOWN.join(", ")}`);
  const checked = {
    secrets: checkedSecrets(given.secrets, report),
    allowFrom: checkedAddresses("allowFrom", given.allowFrom ?? ["github", "loopback"], SENDERS, report),
    trustProxy: checkedAddresses("trustProxy", given.trustProxy ?? ["loopback"], PROXIES, report),
    trustProxyIsExplicit: given.trustProxy !== undefined,
    trustProxyHops: checkedHops(given.trustProxyHops ?? 1, report),
    allowSha1: checkedFlag("allowSha1", given.allowSha1 ?? false, report),
    maxBodyBytes: checkedSize(given.maxBody ?? DEFAULT_MAX_BODY, report),
    answerWithinMs: checkedDuration(given.answerWithin ?? DEFAULT_ANSWER_WITHIN, report),
    githubApiUrl: checkedUrl(given.githubApiUrl ?? "https://api.github.com", report),
  };
  for (const name of ["onError", "onRefused"] as const)
    if (!["function", "undefined"].includes(typeof given[name])) report(`\`${name}\` must be a function`);
  if (problems.length === 0) return checked;
  throw new UserError(
    "The receiver cannot be created:",
    problems.map((message) => problem("createReceiver", message)),
  );
}

/** Fails closed: whoever forgets a variable must not get a receiver that believes everybody. */
function checkedSecrets(given: unknown, report: Report): CheckedOptions["secrets"] {
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

function checkedSize(given: unknown, report: Report): number {
  const bytes = ["number", "string"].includes(typeof given) ? parseSize(String(given)) : undefined;
  if (bytes === undefined)
    report(`\`maxBody\`: "${given}" is no size; write a number of bytes, or a text such as "25MiB"`);
  return bytes ?? 0;
}

function checkedDuration(given: unknown, report: Report): number {
  const ms = typeof given === "number" && given >= 0 ? given : parseDuration(String(given));
  if (ms === undefined)
    report(`\`answerWithin\`: "${given}" is no duration; write milliseconds, or a text such as "5s"`);
  return ms ?? 0;
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
