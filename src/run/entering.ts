/**
 * The first steps of a process that gives up the server's rights. Until it has, it has none of the run's variables: a
 * `PATH` or `LD_LIBRARY_PATH` that leads into the account's own folders would let it say what is done with those rights.
 * So they are sent on standard input, and a shell that has become the account takes them over, goes where the run starts,
 * and becomes its program.
 */
import { serverPath } from "./environment.ts";
import type { Exit } from "./spawner.ts";

export interface Entering {
  file: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  /** For its standard input; what follows has none. */
  input: string;
}

/** What comes on standard error when the account could not be entered. */
const REFUSED = /^(?:setpriv|longshore): (?:(?:line )?\d+: )?(?:exec: )?(.+)$/;
const STARTS = /^(setpriv|longshore): /;
const CODES = [1, 126, 127];

/**
 * Its arguments: where to go, what the account must be able to read, `--`, and the program with its own. A name that the
 * shell keeps for itself, such as `UID`, is left out.
 */
const STEPS = `eval "$(cat)" 2>/dev/null
fail() { echo "longshore: $1" >&2; exit 126; }
cd -- "$1" 2>/dev/null || fail "it may not enter $1"
shift
while [ "$1" != -- ]; do [ -r "$1" ] || fail "it may not read $1"; shift; done
shift
unset OLDPWD
exec "$@" </dev/null`;

/**
 * @param through see `Account`.
 * @param needs absolute paths of files that the account must be able to read.
 */
export function entering(
  through: readonly string[],
  start: {
    file: string;
    args: readonly string[];
    cwd: string;
    env: Readonly<Record<string, string>>;
    needs?: readonly string[] | undefined;
  },
): Entering {
  const { file, args, cwd, env, needs = [] } = start;
  const [program = "", ...options] = through;
  const steps = ["/bin/sh", "-c", STEPS, "longshore", cwd, ...needs, "--", file, ...args];
  return {
    file: program,
    args: [...options, ...steps],
    cwd: "/",
    env: { PATH: serverPath() },
    input: Object.entries(env).map(toExport).join(""),
  };
}

/**
 * Why the account could not be entered, if that is how a process has ended.
 *
 * @param printed all that it has printed: whoever has entered and says such a thing itself has rarely said it alone.
 */
export function whyNotEntered({ exitCode }: Exit, printed: string): string | undefined {
  if (exitCode === null || !CODES.includes(exitCode) || !STARTS.test(printed)) return;
  return REFUSED.exec(printed.trim().split("\n").at(-1) ?? "")?.[1];
}

function toExport([name, value]: [string, string]): string {
  return `command export ${name}='${value.replaceAll("'", `'\\''`)}'\n`;
}
