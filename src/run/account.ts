/** Under whose account runs are performed: who that is, and what it takes to become that account. */
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import type { Hook } from "../match/hook.ts";
import { serverPath } from "./environment.ts";
import { wayInto } from "./privileges.ts";
import { type Spawner, SpawnFailure } from "./spawner.ts";

/** An entry of the system's list of accounts. */
export interface AccountEntry {
  name: string;
  uid: number;
  gid: number;
  home: string;
}

export interface Account extends AccountEntry {
  /** Whether it is another one than the server's, so that it cannot read what the server writes unless it is given it. */
  isOther: boolean;
  /** The command that gives up the server's rights, in front of what is started; absent: there is nothing to give up. */
  through?: readonly string[];
}

/** Where an account is named. */
export interface Named {
  /** A name, or a number of decimal digits. */
  user: string;
  /** The words for a message: the key, and where it stands. */
  where: string;
}

/** A list of accounts on the network can take its time. */
const LOOK_UP_WITHIN_MS = 10_000;

/** The account that a hook's runs are performed under; absent: the server's own. */
export function accountOf(
  hook: Pick<Hook, "user" | "file">,
  runsUser: string | undefined,
): Named | undefined {
  if (hook.user !== undefined) return { user: hook.user, where: `\`user: ${hook.user}\` in ${hook.file}` };
  return runsUser === undefined ? undefined : ofSettings(runsUser);
}

export function ofSettings(user: string): Named {
  return { user, where: `the setting \`runs.user: ${user}\`` };
}

/**
 * The account as it is now, ready to be started under, or why that cannot be: a sentence for the run's reason. Looked up
 * each time: accounts come, go and change while a server runs.
 *
 * @param named absent: the server's own account.
 */
export async function becomeAccount(
  named: Named | undefined,
  spawner: Spawner,
): Promise<Account | { problem: string }> {
  const entry = named ? await findAccount(named, spawner) : ownAccount();
  if ("problem" in entry) return entry;
  const way = wayInto(entry);
  if ("problem" in way) return { problem: named ? `${named.where}: ${way.problem}` : way.problem };
  return { ...entry, ...way };
}

/** The server's own account, as it is. */
export function ownAccount(): Account {
  const { username, uid, gid, homedir } = userInfo();
  return { name: username, uid, gid, home: homedir, isOther: false };
}

/** The entry of an account on this machine, or the sentence that there is none. Those of networks are asked for as well. */
export async function findAccount(
  { user, where }: Named,
  spawner: Spawner,
): Promise<AccountEntry | { problem: string }> {
  const found = entryOf(user, readFile("/etc/passwd"));
  if (found) return found;
  const answer = await ask(user, spawner);
  if ("problem" in answer) return { problem: `${where}: ${answer.problem}` };
  return (
    entryOf(user, answer.text) ?? {
      problem: `${where}: there is no account ${isNumber(user) ? "with this number" : "of this name"} on this machine`,
    }
  );
}

/** Lists of names and numbers that stand elsewhere, as LDAP's, are found through the system's own program. */
async function ask(user: string, spawner: Spawner): Promise<{ text: string } | { problem: string }> {
  const id = spawner.number();
  let text = "";
  const start = { id, file: "getent", args: ["passwd", user], cwd: "/", env: { PATH: serverPath() } };
  const timer = setTimeout(() => spawner.signal(id, "SIGKILL"), LOOK_UP_WITHIN_MS);
  try {
    const exit = await spawner.run(start, (stream, bytes) => {
      if (stream === "stdout") text += Buffer.from(bytes);
    });
    if (exit.signal !== null)
      return {
        problem: `the account was not found within ${LOOK_UP_WITHIN_MS / 1_000} s (\`getent passwd\`)`,
      };
    return { text };
  } catch (error) {
    if (!(error instanceof SpawnFailure)) throw error;
    // A system without it has no other list.
    return { text: "" };
  } finally {
    clearTimeout(timer);
    spawner.forget(id);
  }
}

/** In the form of `/etc/passwd`: name, password, number, number of the group, remarks, home, shell. */
function entryOf(user: string, list: string): AccountEntry | undefined {
  for (const line of list.split("\n")) {
    const [name = "", , uid = "", gid = "", , home] = line.split(":");
    const isMeant = isNumber(user) ? Number(user) === Number(uid) : user === name;
    if (isMeant && isNumber(uid) && isNumber(gid))
      return { name, uid: Number(uid), gid: Number(gid), home: home || "/" };
  }
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

function readFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
