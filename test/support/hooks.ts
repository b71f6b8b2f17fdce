/** A hooks folder as an owner's editor leaves it. */
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { HookContext } from "../../src/config/hook-context.ts";
import { HookFolder } from "../../src/config/hook-folder.ts";
import type { Hook } from "../../src/match/hook.ts";
import { type Scope, temporaryFolder } from "./temporary.ts";

/** What hook files are checked against where nothing but defaults is configured. */
export const CONTEXT: HookContext = { sources: ["github"], secretVariables: ["GITHUB_WEBHOOK_SECRET"] };

export interface TestHooks {
  path: string;
  folder: HookFolder;
  /** With a mode such as 0o755 the file has it from then on. */
  write(file: string, text: string, mode?: number): void;
  remove(file: string): void;
  /** The script of every loaded hook, by the hook's name. */
  scripts(): Record<string, string | undefined>;
  /** The problems as `file: message`, with paths below the folder. */
  problems(): string[];
}

/** A hook file whose script is `script`. */
export function hookText(script: string): string {
  return `on: push\nrun: ${script}\n`;
}

/** The script of a hook that has one in its file. */
export function scriptOf({ work }: Hook): string | undefined {
  return work.kind === "script" ? work.script : undefined;
}

/** A hooks folder with these files, not read yet. */
export function hooksFolder(t: Scope, files: Record<string, string> = {}): TestHooks {
  const path = join(temporaryFolder(t), "hooks");
  mkdirSync(path);
  const folder = new HookFolder(path, CONTEXT);
  const hooks: TestHooks = {
    path,
    folder,
    write(file, text, mode) {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      writeFileSync(join(path, file), text);
      if (mode !== undefined) chmodSync(join(path, file), mode);
    },
    remove: (file) => rmSync(join(path, file), { recursive: true }),
    scripts: () => Object.fromEntries(folder.hooks.map((hook) => [hook.name, scriptOf(hook)])),
    problems: () => folder.problems.map(({ file, message }) => `${file.slice(path.length + 1)}: ${message}`),
  };
  for (const [file, text] of Object.entries(files)) hooks.write(file, text);
  return hooks;
}
