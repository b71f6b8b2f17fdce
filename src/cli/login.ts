/** `longshore login`: a link that signs in to the dashboard, once. */
import type { Command } from "commander";
import { whoAsks } from "../config/environment.ts";
import { UserError } from "../config/problem.ts";
import type { AdminAccess } from "../config/settings.ts";
import { isoTime } from "../lib/times.ts";
import { makeSignInCode } from "../store/sessions.ts";
import { type GlobalOptions, withStore } from "./context.ts";
import { print, printJson } from "./print.ts";

export function addLogin(program: Command): void {
  program
    .command("login")
    .description("print a link that signs in to the dashboard; it works once, within ten minutes")
    .action((_, command: Command) => login(command.optsWithGlobals()));
}

async function login(options: GlobalOptions): Promise<void> {
  await withStore(options, async ({ db }, { settings: { admin } }) => {
    const base = dashboardUrl(admin);
    const { code, expiresAt } = await makeSignInCode(db, { askedBy: whoAsks(), now: Date.now() });
    const url = signInLink(base, code);
    if (options.json) return printJson({ url, code, expiresAt: isoTime(expiresAt) });
    print(url);
    print("\nIt signs in as an administrator, works once, and for ten minutes.");
  });
}

/** The code stands in the fragment: no server and no proxy on the way gets to see it. */
export function signInLink(base: string, code: string): string {
  return `${base}/sign-in#${code}`;
}

/** @throws {UserError} when there is none. */
function dashboardUrl({ publicUrl, listen }: AdminAccess): string {
  if (publicUrl !== undefined) return publicUrl;
  if (listen === "off") throw new UserError("There is no dashboard: `admin.listen` is `off`.");
  if ("path" in listen)
    throw new UserError(
      `The dashboard listens on ${listen.path}, which no browser opens: say with \`admin.public-url\` where it is seen.`,
    );
  const host = ["0.0.0.0", "::"].includes(listen.host) ? "127.0.0.1" : listen.host;
  return `http://${host.includes(":") ? `[${host}]` : host}:${listen.port}`;
}
