/** `longshore why`: all that is known of a commit, a branch or a GUID, from its arrival to the last line of its runs. */
import type { Command } from "commander";
import { storyToJson, tellWhy } from "../store/why.ts";
import { nextCommand, sentences } from "../store/why-sentences.ts";
import { asTyped } from "./as-typed.ts";
import { type GlobalOptions, withStore } from "./context.ts";
import { print, printJson } from "./print.ts";
import { loadTodaysHooks } from "./todays-hooks.ts";

type WhyOptions = GlobalOptions & { hook?: string; repo?: string };

export function addWhy(program: Command): void {
  program
    .command("why")
    .description("whether something arrived, what the hooks said of it, and what became of it")
    .argument("<what>", "a commit (its first seven digits will do), a GUID, or a branch or tag")
    .option("--hook <name>", "only what concerns this hook")
    .option("--repo <owner/name>", "only of this repository")
    .action((what: string, _, command: Command) => why(what, command.optsWithGlobals()));
}

async function why(asked: string, { hook, repo, ...options }: WhyOptions): Promise<void> {
  await withStore(options, async ({ db }, loaded) => {
    const answer = await tellWhy(db, asked, { hook, repository: repo }, await loadTodaysHooks(loaded, db));
    if (options.json) return printJson(storyToJson(answer));
    print(sentences(answer).join("\n"));
    const next = nextCommand(answer);
    if (next !== undefined) print(`\nNext: ${asTyped(next.replace(/^longshore /, ""))}`);
  });
}
