/** Under whose account runs are performed: that, and nothing else, is what keeps them from all that the server has. */
import { statSync } from "node:fs";
import type { Hook } from "../../match/hook.ts";
import { accountOf, findAccount } from "../../run/account.ts";
import { Spawner } from "../../run/spawner.ts";
import { bad, type Check, type Finding, good, orGood, type Patient, warning } from "./check.ts";
import { serverAccount } from "./rights.ts";

const ROOT = 0;
const GIVE_THEM_ONE =
  "Give runs an account of their own: `runs.user` in longshore.yml, or `user` in a hook file; see docs/reference/hooks.md";

export const accounts: Check = {
  name: "accounts",
  async examine(patient) {
    const { hooks, settings } = patient;
    const sharing = hooks.hooks.filter((hook) => accountOf(hook, settings.runsUser) === undefined);
    if (hooks.hooks.length === 0) return [good("there are no hooks that could run")];
    const findings = sharing.length > 0 ? [sharingWith(serverAccount(patient), sharing)] : [];
    findings.push(...(await owners(patient)));
    return orGood(findings, "runs have an account of their own");
  },
};

function sharingWith(server: number | undefined, hooks: readonly Hook[]): Finding {
  const names = hooks.map(({ name }) => name).join(", ");
  return server === ROOT
    ? bad(`the server is root, and so are the runs of ${names}`, GIVE_THEM_ONE)
    : warning(
        `the runs of ${names} share the server's account: they can read its secrets and its database`,
        GIVE_THEM_ONE,
      );
}

/** An account that owns the hooks, the data or the settings can change them, whatever their modes. */
async function owners({ hooks, settings }: Patient): Promise<Finding[]> {
  const named = new Map(
    hooks.hooks.flatMap((hook) => {
      const account = accountOf(hook, settings.runsUser);
      return account ? [[account.user, account] as const] : [];
    }),
  );
  const paths = [settings.hooksFolder, settings.dataFolder, ...(settings.file ? [settings.file] : [])];
  const spawner = new Spawner();
  try {
    const findings: Finding[] = [];
    for (const account of named.values()) {
      const entry = await findAccount(account, spawner);
      if ("problem" in entry) continue; // It is told with the hooks.
      const own = paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.uid === entry.uid);
      if (own.length > 0)
        findings.push(
          bad(
            `runs are performed as ${entry.name}, who owns ${own.join(", ")} and can change what the server does`,
            "chown that to root or to the server's account, or give runs another account",
          ),
        );
    }
    return findings;
  } finally {
    await spawner.close();
  }
}
