/**
 * Puts the files of tests into groups, each of which is run in one process, one file after the other: to start a process
 * and load the source into it takes longer than most files' own tests. What a file opens for all of its tests is closed
 * before the next file is loaded.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";

/** Enough to spare most starts, few enough for several processes to end at about the same time. */
const FILES_OF_A_GROUP = 10;

/** The runner takes files by their names: those whose tests wait longest come first, so that nobody waits for them at the end. */
const FIRST = ["run/handlers", "journeys", "run", "cli"];

/**
 * Writes a file for each group, in place of those in `folder`.
 *
 * @param files their paths; those of one folder come into the same groups.
 * @param base what their names are relative to.
 * @returns the paths of the groups' files.
 */
export function writeGroups(files: readonly string[], base: string, folder: string): string[] {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const folders = Map.groupBy(files, (file) => relative(base, dirname(file)));
  return [...folders].flatMap(([name, all]) =>
    dealt(all.toSorted()).map((group, index) => {
      const order = FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length;
      const path = join(folder, `${order}-${name.replaceAll("/", "-") || "all"}-${index + 1}.js`);
      writeFileSync(path, textOf(group, base));
      return path;
    }),
  );
}

/** Like cards: neighbours are often alike, and equally slow. */
function dealt(files: readonly string[]): string[][] {
  const count = Math.ceil(files.length / FILES_OF_A_GROUP);
  const groups: string[][] = Array.from({ length: count }, () => []);
  for (const [index, file] of files.entries()) groups[index % count]?.push(file);
  return groups;
}

function textOf(files: readonly string[], base: string): string {
  const tests = files.map((file) => {
    const [name, url] = [relative(base, file), pathToFileURL(file).href].map((text) => JSON.stringify(text));
    return `test(${name}, () => import(${url}));\n`;
  });
  return `import { test } from "node:test";\n${tests.join("")}`;
}
