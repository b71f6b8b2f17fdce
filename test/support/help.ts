/** What the real program says to `--help`, of every command that there is. */
import { spawnSync } from "node:child_process";

export interface CommandHelp {
  /** `deliveries list`; empty for the program itself. */
  name: string;
  /** The names of its sub-commands. */
  commands: string[];
  /** As help prints them: `--limit <n>`. Without `--help` and the program's own. */
  options: string[];
}

const PROGRAM = new URL("../../src/cli/program.ts", import.meta.url).href;
const ASK = `
  import { run } from ${JSON.stringify(PROGRAM)};
  for (const name of JSON.parse(process.argv[1])) {
    console.log("\\f" + name);
    await run([...name.split(" ").filter(Boolean), "--help"]);
  }`;

/** Every command by its name, the program itself under the empty name. */
export function readHelp(): Map<string, CommandHelp> {
  const found = new Map<string, CommandHelp>();
  for (let names = [""]; names.length > 0; ) {
    const answers = ask(names);
    for (const answer of answers) found.set(answer.name, answer);
    names = answers.flatMap(({ name, commands }) => commands.map((command) => `${name} ${command}`.trim()));
  }
  return found;
}

/** In one process for all: starting the program takes longer than asking it. */
function ask(names: readonly string[]): CommandHelp[] {
  const args = ["--input-type=module", "--eval", ASK, JSON.stringify(names)];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .split("\f")
    .slice(1)
    .map((text) => ({
      name: text.split("\n")[0] ?? "",
      commands: [...sectionOf(text, "Commands").matchAll(/^ {2}([a-z]+)/gm)]
        .flatMap(([, name]) => name ?? [])
        .filter((name) => name !== "help"),
      options: [...sectionOf(text, "Options").matchAll(/^ {2}(?:-\w, )?(--[\w-]+(?: <[^>]+>)?)/gm)]
        .flatMap(([, option]) => option ?? [])
        .filter((option) => option !== "--help"),
    }));
}

function sectionOf(help: string, heading: string): string {
  const [, section = ""] = new RegExp(`^${heading}:\\n((?: .*\\n)*)`, "m").exec(help) ?? [];
  return section;
}
