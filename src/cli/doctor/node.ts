/** Whether this Node can do all that is asked of it. */
import { isNewEnough } from "../../lib/node-version.ts";
import { OWN_PACKAGE } from "../../lib/own-package.ts";
import { bad, type Check, good } from "./check.ts";

export const node: Check = {
  name: "node",
  examine: () => [judgeVersion(process.versions.node, OWN_PACKAGE.engines.node)],
};

/**
 * @param version such as `24.6.0`.
 * @param range such as `>=24.6`.
 */
export function judgeVersion(version: string, range: string) {
  if (isNewEnough(version, range.replace(">=", ""))) return good(`Node ${version}`);
  return bad(
    `Node ${version} is too old for Longshore, which needs ${range}`,
    "In a clone `npm ci` brings the right one",
  );
}
