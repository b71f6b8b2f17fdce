/** The variables of the environment that can stand for settings. */
import { ADMIN } from "./admin-schema.ts";
import { apiUrl, SHAPE } from "./settings-schema.ts";

/** The variable that can stand for a key: `trust-proxy` is `LONGSHORE_TRUST_PROXY`. */
function variableOf(key: string): string {
  return `LONGSHORE_${key.toUpperCase().replaceAll("-", "_")}`;
}

/** Keys that are maps have no variable, save for {@link VARIABLES_IN_MAPS}. */
export const VARIABLES: [key: string, variable: string][] = Object.keys(SHAPE)
  .filter((key) => !["sources", "admin", "github", "runs", "forward", "vars", "notify"].includes(key))
  .map((key) => [key, variableOf(key)]);

/** The few keys within maps that a variable can stand for. */
export const VARIABLES_IN_MAPS = [
  ["admin", "listen", "LONGSHORE_ADMIN_LISTEN", ADMIN.shape.listen],
  ["admin", "public-url", "LONGSHORE_ADMIN_URL", ADMIN.shape["public-url"]],
  ["github", "api-url", "LONGSHORE_GITHUB_API_URL", apiUrl],
] as const;
