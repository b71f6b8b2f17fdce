/** What another service has answered to a forwarded delivery, as `runs show` prints it. */
import { isUtf8 } from "node:buffer";
import { formatSize } from "../lib/quantity.ts";
import { visibleLine, visibleText } from "../lib/visible.ts";
import type { Answer } from "../store/answers.ts";

/** A body that is no text is told in base64. */
export function answerToJson(answer: Answer): object {
  const { attempt, status, headers, body, isTruncated } = answer;
  const text = textOf(answer);
  return {
    attempt,
    status,
    headers: headersToJson(headers),
    body: text ?? Buffer.from(body).toString("base64"),
    encoding: text === undefined ? "base64" : "utf-8",
    truncated: isTruncated,
  };
}

export function answerLines(answer: Answer): string[] {
  const { attempt, status, headers } = answer;
  return [
    `answer to attempt ${attempt}: ${status}`,
    ...headers.map(([name, value]) => `  ${visibleLine(`${name}: ${value}`)}`),
    ...bodyLines(answer).flatMap((line, index) => (index === 0 ? ["", line] : line)),
  ];
}

function bodyLines(answer: Answer): string[] {
  const { body, isTruncated } = answer;
  const text = textOf(answer);
  const shown =
    text === undefined ? `(${formatSize(body.length)} that are no text)` : visibleText(text.trimEnd());
  const cut = isTruncated ? "(there was more of it, which is not kept)" : "";
  return [shown, cut].filter((line) => line !== "").map((lines) => lines.replaceAll(/^/gm, "  "));
}

/** `undefined` for what is no text. */
function textOf({ body, isTruncated }: Answer): string | undefined {
  const bytes = isTruncated ? withoutHalfCharacter(body) : body;
  const isText = isUtf8(bytes) && !bytes.includes(0);
  return isText ? Buffer.from(bytes).toString("utf8") : undefined;
}

/** A cut can go through a character. */
function withoutHalfCharacter(body: Uint8Array): Uint8Array {
  for (let end = body.length; end > Math.max(body.length - 4, 0); end--)
    if (isUtf8(body.subarray(0, end))) return body.subarray(0, end);
  return body;
}

/** What comes several times is one value, as HTTP has it. */
function headersToJson(headers: Answer["headers"]): Record<string, string> {
  const byName = Map.groupBy(headers, ([name]) => name);
  return Object.fromEntries(
    [...byName].map(([name, all]) => [name, all.map(([, value]) => value).join(", ")]),
  );
}
