/** What another service has answered to a forwarded delivery, as `runs show` prints it. */
import { formatSize } from "../lib/quantity.ts";
import { visibleLine, visibleText } from "../lib/visible.ts";
import type { Answer } from "../store/answers.ts";
import { answerText } from "../store/as-json.ts";

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
  const text = answerText(answer);
  const shown =
    text === undefined ? `(${formatSize(body.length)} that are no text)` : visibleText(text.trimEnd());
  const cut = isTruncated ? "(there was more of it, which is not kept)" : "";
  return [shown, cut].filter((line) => line !== "").map((lines) => lines.replaceAll(/^/gm, "  "));
}
