/**
 * The environment as settings and secrets see it: the process's variables, the `.env` file beside the settings,
 * and for each NAME also the file that NAME_FILE names.
 */
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, resolve } from "node:path";
import { parseEnv } from "node:util";
import { UserError } from "./problem.ts";

export interface Environment {
  /** The path of the `.env` file, which may be absent. */
  readonly dotEnvPath: string;
  /**
   * The value of a variable, or the content of the file named by `<NAME>_FILE` less one trailing line end.
   *
   * @throws {UserError} when that file cannot be read.
   */
  get(name: string): string | undefined;
}

/**
 * @param variables usually `process.env`.
 * @param dotEnvPath a file that may be absent. It never overrides `variables` and never sets a `NODE_*` name, because
 * those steer the runtime itself. What `NAME_FILE` says is relative to the folder of this file.
 */
export function readEnvironment(variables: NodeJS.ProcessEnv, dotEnvPath: string): Environment {
  const folder = dirname(dotEnvPath);
  const written = readDotEnv(dotEnvPath);
  return { dotEnvPath, get: (name) => valueIn(variables, name, folder) ?? valueIn(written, name, folder) };
}

/** The same, of the variables of this process: a thread has a copy of those of the program. */
export function processEnvironment(dotEnvPath: string): Environment {
  return readEnvironment(process.env, dotEnvPath);
}

/** The person at the terminal, for the record: the account, and the one before `sudo` where that is known. */
export function whoAsks(): string {
  const account = accountName();
  const before = process.env.SUDO_USER;
  return before && before !== account ? `${before} (as ${account})` : account;
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    // In containers an account often has a number and no name.
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}

function valueIn(variables: NodeJS.Dict<string>, name: string, folder: string): string | undefined {
  const file = variables[`${name}_FILE`];
  if (variables[name] !== undefined || file === undefined) return variables[name];
  return readValue(`${name}_FILE`, resolve(folder, file));
}

function readDotEnv(path: string): NodeJS.Dict<string> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw new UserError(`${path} cannot be read: ${(error as Error).message}`);
  }
  return Object.fromEntries(Object.entries(parseEnv(text)).filter(([name]) => !name.startsWith("NODE_")));
}

function readValue(variable: string, path: string): string {
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    throw new UserError(`${variable} names ${path}, which cannot be read: ${(error as Error).message}`);
  }
}
