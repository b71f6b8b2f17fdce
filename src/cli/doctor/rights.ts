/** Who else can read what is private, and who can write what is then run. */
import { lstatSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { isDatabaseServer } from "../../config/database.ts";
import { showPath } from "../../config/problem.ts";
import type { LoadedSettings } from "../../config/settings.ts";
import { bad, type Check, type FileRights, type Finding, orGood, type Patient, warning } from "./check.ts";

const ROOT = 0;
/** A hooks folder with more in it than this is no hooks folder. */
const MAX_FILES = 10_000;

/** The rights of all that is private, as far as it is there. */
export function privateModes({ settings, environment }: LoadedSettings): Map<string, FileRights> {
  const secrets = join(settings.dataFolder, "secrets");
  const files = isDatabaseServer(settings.database)
    ? []
    : ["", "-wal", "-shm"].map((suffix) => `${settings.database}${suffix}`);
  const paths = [settings.dataFolder, ...files, secrets, ...entriesOf(secrets), environment.dotEnvPath];
  return new Map(paths.flatMap((path) => rightsOf(path).map((rights) => [path, rights])));
}

export const privacy: Check = {
  name: "files",
  examine: ({ modes, environment }) =>
    orGood(
      [...modes].flatMap(([path, { mode }]) => {
        if ((mode & 0o077) === 0) return [];
        const others = mode & 0o007 ? "every account of this machine" : "its group";
        // What stands in a `.env` is not ours to know; what stands in the others is.
        const status = path === environment.dotEnvPath ? warning : bad;
        return [
          status(
            `${showPath(path)} can be opened by ${others} (mode ${octal(mode & 0o777)}): payloads and secrets are private`,
            `chmod ${octal(mode & 0o700)} ${path}`,
          ),
        ];
      }),
      "what is private is the server's own",
    ),
};

/** Whoever can write hooks or settings runs code as the server, or as the account that runs have. */
export const writers: Check = {
  name: "writers",
  examine(patient) {
    const server = serverAccount(patient);
    const settingsFolder = dirname(patient.settings.file ?? "");
    const found = codeOf(patient).flatMap((path) => rightsOf(path).map((rights) => ({ path, ...rights })));
    // In a sticky folder nobody replaces what is another's.
    const open = found.filter(({ path, mode }) => path !== settingsFolder || (mode & 0o1000) === 0);
    const byAll = open.filter(({ mode }) => mode & 0o002);
    const byGroup = open.filter(
      ({ mode, owner, group }) => !(mode & 0o002) && mode & 0o020 && owner !== group,
    );
    const byOwner = found.filter(({ owner }) => owner !== ROOT && owner !== server);
    const findings: Finding[] = [];
    if (byAll.length > 0)
      findings.push(
        bad(
          `every account of this machine can write ${naming(byAll)}, and so run code here`,
          "chmod o-w there",
        ),
      );
    if (byGroup.length > 0)
      findings.push(
        warning(
          `the group of ${naming(byGroup)} can write it, and so run code here`,
          "chmod g-w there, unless that is meant",
        ),
      );
    if (byOwner.length > 0)
      findings.push(
        warning(
          `${naming(byOwner)} belongs to the account with the number ${byOwner[0]?.owner}, which can so run code here`,
          "chown it to root or to the server's account, unless that is meant",
        ),
      );
    return orGood(findings, "nobody else can write the hooks and the settings");
  },
};

/** The number of the account that the server has: its data folder is its own. */
export function serverAccount({ modes, settings }: Patient): number | undefined {
  return modes.get(settings.dataFolder)?.owner ?? process.getuid?.();
}

function naming([first, ...others]: readonly { path: string }[]): string {
  const path = showPath(first?.path ?? "");
  return others.length > 0 ? `${path} (and ${others.length} more)` : path;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(3, "0");
}

/** What the server reads and then does. Who can write a folder can put another file in its place. */
function codeOf({ settings, hooks }: Patient): string[] {
  const { file, hooksFolder } = settings;
  const ofSettings = file === undefined ? [] : [file, dirname(file)];
  return [
    ...new Set([
      ...ofSettings,
      hooksFolder,
      ...entriesBelow(hooksFolder),
      ...hooks.hooks.map(({ file }) => file),
    ]),
  ];
}

function entriesBelow(folder: string): string[] {
  const found: string[] = [];
  for (const path of entriesOf(folder)) {
    if (found.length > MAX_FILES) break;
    found.push(path);
    if (lstatSync(path).isDirectory()) found.push(...entriesBelow(path));
  }
  return found;
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** Of what a link leads to. None where there is nothing. */
function rightsOf(path: string): FileRights[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? [{ mode: stats.mode & 0o1777, owner: stats.uid, group: stats.gid }] : [];
}
