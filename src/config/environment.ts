/**
 * The environment as settings and secrets see it: the process's variables, the `.env` file beside the settings,
 * and for each NAME also the file that NAME_FILE names.
 */
import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { UserError } from "./problem.ts";

export interface Environment {
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
 * those steer the runtime itself.
 */
export function readEnvironment(variables: NodeJS.ProcessEnv, dotEnvPath: string): Environment {
  const all = { ...readDotEnv(dotEnvPath), ...variables };
  return {
    get(name) {
      if (all[name] !== undefined) return all[name];
      const file = all[`${name}_FILE`];
      return file === undefined ? undefined : readValue(`${name}_FILE`, file);
    },
  };
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
