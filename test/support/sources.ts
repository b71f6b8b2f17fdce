/** The repository's own files, for the tests that keep its layout and its documents honest. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const NOT_OURS = new Set(["node_modules", ".git", "data", "dist"]);

export interface SourceFile {
  /** From the root, with `/` between folders. */
  path: string;
  text: string;
  /** The text without comments. What stands in quotes is still there. */
  code: string;
}

/** The paths of all files below a folder of the repository, from the root. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => !path.split("/").some((part) => NOT_OURS.has(part)))
    .sort();
}

/** All TypeScript files below a folder. */
export function sourcesBelow(folder: string): SourceFile[] {
  return filesBelow(folder)
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => {
      const text = readText(path);
      return { path, text, code: withoutComments(text) };
    });
}

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** The code with all texts in quotes emptied. */
export function withoutTexts(code: string): string {
  return code.replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g, '""');
}

/** Good enough for code that Biome has formatted: a comment begins a line, or stands behind a blank. */
function withoutComments(text: string): string {
  return text.replace(/^\s*\/\*[\s\S]*?\*\//gm, "").replace(/(^|\s)\/\/ .*$/gm, "$1");
}

/** What a file imports, starts as a thread or a process, or loads, as it is written there. */
export function importsOf({ code }: SourceFile): string[] {
  const found = code.matchAll(/(?:\bfrom|\bimport|\bimport\(|\bnew URL\(|\.resolve\()\s*"([^"]+)"/g);
  return [...found].flatMap(([, name]) => name ?? []);
}
