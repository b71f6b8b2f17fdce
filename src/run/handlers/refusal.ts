/** Why a handler file could not be loaded, and where in it, as far as Node tells. */
import { pathToFileURL } from "node:url";
import { types } from "node:util";
import { describeError } from "./describe-error.ts";
import type { HandlerRefusal } from "./messages.ts";
import { WatchFailure } from "./watch.ts";

/** Node's words for a file that needs more than its types taken away. */
const NOT_ERASABLE = "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX";

/** @param files the handler's files: a place elsewhere is none of its mistakes. */
export function describeRefusal(error: unknown, files: readonly string[]): Omit<HandlerRefusal, "imports"> {
  const isWatched = WatchFailure.is(error);
  const thrown = isWatched ? error.cause : error;
  const place = types.isNativeError(thrown) ? placeOf(thrown, files) : undefined;
  return { message: isWatched ? error.message : explain(error), place };
}

function explain(error: unknown): string {
  if (!types.isNativeError(error) || !hasTexts(error)) return describeError(error);
  const code = "code" in error ? error.code : undefined;
  const [message = ""] = error.message.trim().split("\n", 1);
  if (code === NOT_ERASABLE)
    return `${message}: types are only taken away; write it in JavaScript (instead of an enum, an object \`as const\`)`;
  if (error.name === "SyntaxError") return `syntax error: ${message}`;
  return error.name === "Error" ? message : describeError(error);
}

/** Somebody's code may have made anything of an error. */
function hasTexts(error: Error): boolean {
  try {
    return [error.name, error.message, error.stack].every((part) => typeof part === "string");
  } catch {
    return false;
  }
}

function placeOf(error: Error, files: readonly string[]): HandlerRefusal["place"] {
  if (!hasTexts(error)) return undefined;
  const { stack = "" } = error;
  const [first = "", ...rest] = stack.split("\n");
  // A mistake in the text: "file:line", the line itself, and marks below what is wrong in it.
  const [, inText = "", line] = /^(.+):(\d+)$/.exec(first) ?? [];
  const text = { file: inText, line, column: (rest[1] ?? "").indexOf("^") + 1 };
  const calls = stack
    .matchAll(/(file:\/\/[^\s()]+):(\d+):(\d+)/g)
    .map(([, file, at, column]) => ({ file, line: at, column }));
  for (const { file, line, column } of [text, ...calls]) {
    // The files become URLs, not the other way round: what a message says need not be one.
    const path = files.find((one) => file === one || file === pathToFileURL(one).href);
    if (path !== undefined) return { file: path, line: Number(line), column: Math.max(Number(column), 1) };
  }
  return undefined;
}
