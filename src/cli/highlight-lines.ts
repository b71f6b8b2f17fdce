/** What an attempt has pointed out, for people. */
import { styleText } from "node:util";
import { visibleLine, visibleText } from "../lib/visible.ts";
import type { Annotation, Highlights } from "../store/highlights.ts";

const COLOURS = { error: "red", warning: "yellow", notice: "blue" } as const;
const LEVEL_WIDTH = "warning".length;

/** Each part behind an empty line; nothing when there is nothing. */
export function highlightLines({ annotations, summary }: Highlights): string[] {
  return [
    ...(annotations.length > 0 ? ["", "annotations", ...annotations.flatMap(annotationLines)] : []),
    ...(summary === null ? [] : ["", "summary", "", visibleText(summary).trimEnd()]),
  ];
}

/** The first line says where; those that follow stand below it. */
function annotationLines({ level, message, title, ...place }: Annotation): string[] {
  const [first = "", ...others] = message.split(/\r\n|\n|\r/).map(visibleLine);
  const word = styleText(COLOURS[level], level.padEnd(LEVEL_WIDTH), { stream: process.stdout });
  const parts = [placeText(place), title === null ? "" : `${visibleLine(title)}:`, first];
  const indent = " ".repeat(2 + LEVEL_WIDTH + 2);
  return [
    `  ${word}  ${parts.filter((part) => part !== "").join(" ")}`,
    ...others.map((line) => `${indent}${line}`),
  ];
}

/** `app.js:3:5`, as far as it is known. */
function placeText({ file, line, column }: Pick<Annotation, "file" | "line" | "column">): string {
  if (file === null) return "";
  const numbers = [line, column].filter((number) => number !== null);
  return visibleLine([file, ...numbers].join(":"));
}
