/** What is wrong with the accounts that hooks and settings name, found before a run needs them. */
import { type Problem, problem } from "../config/problem.ts";
import type { Hook } from "../match/hook.ts";
import { accountOf, becomeAccount, findAccount, type Named, ofSettings } from "./account.ts";
import { whyNoOtherAccounts } from "./privileges.ts";
import { Spawner } from "./spawner.ts";

export interface AccountsNamed {
  hooks: readonly Pick<Hook, "user" | "file">[];
  /** The setting `runs.user`. */
  runsUser: string | undefined;
  /** The file of the settings. */
  settingsFile: string | undefined;
}

/**
 * Warnings for accounts that runs cannot be performed under. Never errors: accounts change without a file that does.
 *
 * @param isServer whether this process is the one that performs the runs; else only what is so for every process of
 *   this machine is told.
 */
export async function accountProblems(named: AccountsNamed, isServer: boolean): Promise<Problem[]> {
  const accounts = accountsIn(named);
  if (accounts.length === 0) return [];
  const spawner = new Spawner();
  try {
    const problems: Problem[] = [];
    for (const { file, account } of accounts) {
      const reason = await (isServer ? whyNotNow(account, spawner) : whyNotHere(account, spawner));
      if (reason !== undefined) problems.push(problem(file, `runs will fail: ${reason}`, "warning"));
    }
    return problems;
  } finally {
    await spawner.close();
  }
}

/** Each where it is written. */
function accountsIn({ hooks, runsUser, settingsFile = "longshore.yml" }: AccountsNamed) {
  const all = hooks.flatMap((hook) => {
    const account = hook.user === undefined ? undefined : accountOf(hook, runsUser);
    return account ? [{ file: hook.file, account }] : [];
  });
  return runsUser === undefined ? all : [{ file: settingsFile, account: ofSettings(runsUser) }, ...all];
}

async function whyNotNow(named: Named, spawner: Spawner): Promise<string | undefined> {
  const account = await becomeAccount(named, spawner);
  return "problem" in account ? account.problem : undefined;
}

async function whyNotHere(named: Named, spawner: Spawner): Promise<string | undefined> {
  const entry = await findAccount(named, spawner);
  return "problem" in entry ? entry.problem : whyNoOtherAccounts();
}
