/** Whether the list of GitHub's addresses is fresh: deliveries from ranges that are not in it are refused. */
import { join } from "node:path";
import { AddressList } from "../../github/addresses.ts";
import { formatDuration } from "../../lib/quantity.ts";
import { bad, type Check, good, warning } from "./check.ts";

/** A server asks every hour. */
const OLD_MS = 2 * 86_400_000;
const VERY_OLD_MS = 90 * 86_400_000;

export const addresses: Check = {
  name: "addresses",
  async examine({ settings, now }) {
    if (!settings.sources.some(({ allowFrom }) => allowFrom.includes("github")))
      return [good("GitHub's list of addresses is not used")];
    const complaints: string[] = [];
    const log = { info() {}, warn: (_: object, message: string) => void complaints.push(message) };
    const file = join(settings.dataFolder, "github-addresses.json");
    const list = new AddressList({ apiUrl: settings.githubApiUrl, file, log });
    await list.load();
    const ageMs = Math.max(now - Date.parse(list.checkedAt), 0);
    const remedy = `A running server asks ${settings.githubApiUrl}/meta every hour; let it get there, or name the ranges in \`allow-from\``;
    if (complaints.length > 0)
      return [warning(complaints.join("; "), "Delete the file; the server writes it anew")];
    const message = `GitHub's list of addresses is of ${list.checkedAt.slice(0, 10)}`;
    if (ageMs > VERY_OLD_MS) return [bad(`${message}, ${formatDuration(ageMs)} ago`, remedy)];
    return [ageMs > OLD_MS ? warning(`${message}, ${formatDuration(ageMs)} ago`, remedy) : good(message)];
  },
};
