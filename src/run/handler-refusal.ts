/** Why a handler file could not be loaded, and where in it, as far as Node tells. */
import { fileURLToPath } from "node:url";
import { types } from "node:util";
import { describeError } from "./describe-error.ts";
import type { HandlerRefusal } from "./handler-messages.ts";
import { WatchFailure } from "./handler-watch.ts";

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
  if (!types.isNativeError(error)) return describeError(error);
  const code = "code" in error ? error.code : undefined;
  const [message = ""] = error.message.trim().split("\n", 1);
  if (code === NOT_ERASABLE)
    return `${message}: types are only taken away; write it in JavaScript (instead of an enum, an object \`as const\`)`;
  if (error.name === "SyntaxError") return `syntax error: ${message}`;
  return error.name === "Error" ? message : describeError(error);
}

function placeOf({ stack = "" }: Error, files: readonly string[]): HandlerRefusal["place"] {
  const [first = "", ...rest] = stack.split("\n");
  // A mistake in the text: "file:line", the line itself, and marks below what is wrong in it.
  const inText = /^(.+):(\d+)$/.exec(first);
  const marks = rest[1] ?? "";
  const found = inText
    ? { file: inText[1] ?? "", line: inText[2], column: marks.indexOf("^") + 1 }
    : stack
        .matchAll(/(file:\/\/[^\s()]+):(\d+):(\d+)/g)
        .map(([, file = "", line, column]) => ({ file, line, column }));
  const places = "file" in found ? [found] : [...found];
  for (const { file, line, column } of places) {
    const path = file.startsWith("file:") ? fileURLToPath(file) : file;
    if (files.includes(path)) return { file: path, line: Number(line), column: Math.max(Number(column), 1) };
  }
  return undefined;
}
