/** `longshore token`: personal tokens for the admin API. */
import { type Command, Option } from "commander";
import { whoAsks } from "../config/environment.ts";
import { UserError } from "../config/problem.ts";
import { didYouMean } from "../lib/suggest.ts";
import { shortTime } from "../lib/times.ts";
import { tokenToJson } from "../store/as-json.ts";
import { noteChange } from "../store/audit.ts";
import type { AdminRole } from "../store/tables.ts";
import { addToken, listTokens, revokeToken } from "../store/tokens.ts";
import { type GlobalOptions, withStore } from "./context.ts";
import { print, printJson, printTable } from "./print.ts";

export function addTokenCommands(program: Command): void {
  const token = program.command("token").description("personal tokens for the admin API");
  token
    .command("add")
    .description("make one, and print it this once")
    .argument("<name>", "whose it is, or what for")
    .addOption(
      new Option("--role <role>", "what it may do: look, or change things as well")
        .choices(["viewer", "admin"])
        .default("viewer"),
    )
    .action((name: string, _, command: Command) => add(name, command.optsWithGlobals()));
  token
    .command("list", { isDefault: true })
    .description("those that there are, and when each was used last")
    .action((_, command: Command) => list(command.optsWithGlobals()));
  token
    .command("revoke")
    .description("end one, with all that is open by it")
    .argument("<name>", "the name that `token list` shows")
    .action((name: string, _, command: Command) => revoke(name, command.optsWithGlobals()));
}

async function add(name: string, options: GlobalOptions & { role: AdminRole }): Promise<void> {
  const { role, json } = options;
  if (name.trim() === "" || name.length > 100)
    throw new UserError("A token's name has 1 to 100 characters, and not only blanks.");
  await withStore(options, async ({ db }) => {
    const now = Date.now();
    const who = whoAsks();
    const made = await addToken(db, { name, role, createdBy: who, now });
    if (!made) throw new UserError(`There is a token "${name}" already. \`longshore token revoke\` ends it.`);
    await noteChange(db, { who, action: "add token", subject: name, details: { role } }, now);
    if (json) return printJson({ name, role, token: made.token });
    print(made.token);
    print(`\nIt is shown this once. Say it as: Authorization: Bearer ${"<token>"}`);
  });
}

async function list(options: GlobalOptions): Promise<void> {
  const tokens = await withStore(options, ({ db }) => listTokens(db));
  if (options.json) return printJson({ items: tokens.map(tokenToJson), next: null });
  if (tokens.length === 0) return print("No tokens. `longshore token add` makes one.");
  printTable(
    ["NAME", "ROLE", "MADE (UTC)", "BY", "LAST USED (UTC)", "STATE"],
    tokens.map(({ name, role, createdAt, createdBy, lastUsedAt, revokedAt }) => [
      ...[name, role, shortTime(createdAt), createdBy],
      lastUsedAt === null ? "never" : shortTime(lastUsedAt),
      revokedAt === null ? "live" : `revoked ${shortTime(revokedAt)}`,
    ]),
  );
}

async function revoke(name: string, options: GlobalOptions): Promise<void> {
  await withStore(options, async ({ db }) => {
    const live = (await listTokens(db)).filter(({ revokedAt }) => revokedAt === null);
    const token = live.find((candidate) => candidate.name === name);
    if (!token) {
      const names = live.map((candidate) => candidate.name);
      throw new UserError(
        `There is no live token "${name}".${didYouMean(name, names)} \`longshore token list\` shows them.`,
      );
    }
    const now = Date.now();
    await revokeToken(db, token.id, now);
    await noteChange(db, { who: whoAsks(), action: "revoke token", subject: name }, now);
    if (options.json) return printJson({ name, revoked: true });
    print(`${name} is revoked. What is open by it ends within a second.`);
  });
}
