/** The Markdown documents, taken apart as far as the tests of documents need it. */
import { filesBelow, readText } from "./sources.ts";

export interface Document {
  path: string;
  text: string;
}

/** Every document of the repository. */
export function documents(): Document[] {
  return filesBelow(".")
    .filter((path) => path.endsWith(".md"))
    .map((path) => ({ path, text: readText(path) }));
}

/** The cells of all rows of all tables, without headings' rulers. */
export function tableRows(text: string): string[][] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^\|[-| :]+\|$/.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split("|")
        .map((cell) => cell.trim()),
    );
}

/** What stands in a text between backticks, on one line. */
export function codeIn(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, code]) => code ?? []);
}

export interface Block {
  /** What stands behind the backticks: `yaml`, `console`. */
  language: string;
  text: string;
}

/** Everything between two lines of three backticks, in order, without the indentation of a list that it stands in. */
export function blocksIn(text: string): Block[] {
  return [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```$/gm)].map(
    ([, indent, language = "", block = ""]) => ({
      language,
      text: block.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    }),
  );
}

/** The text below a heading, up to the next one of the same or a higher level. Empty when there is no such heading. */
export function sectionOf(text: string, heading: string): string {
  const level = /^#+/.exec(heading)?.[0].length ?? 0;
  const lines = text.split("\n");
  const start = lines.indexOf(heading);
  if (start === -1) return "";
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => new RegExp(`^#{1,${level}} `).test(line));
  return rest.slice(0, end === -1 ? undefined : end).join("\n");
}

/** What GitHub makes of a document's headings, for links that end in `#…`. */
export function anchorsOf(text: string): Set<string> {
  const headings = text.replace(/^```[\s\S]*?^```/gm, "").matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

/** The targets of all links. */
export function linksOf(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target]) => target ?? []);
}
