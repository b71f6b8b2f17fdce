/** The secrets of a source as the admin may tell of them: their names, and nothing else. */
import { readSecrets } from "../config/secrets.ts";
import type { SourceSettings } from "../config/settings.ts";
import type { AdminParts } from "./parts.ts";

export interface SecretNames {
  secrets: { name: string; origin: "environment" | "file" }[];
  /** What is wrong with them, in sentences. */
  problem: string | null;
}

/** A file that cannot be read is a problem to be shown, not the end of the page. */
export function secretNames(
  { settings, environment }: Pick<AdminParts, "settings" | "environment">,
  source: SourceSettings,
): SecretNames {
  try {
    const { secrets, problems } = readSecrets(settings, source, environment);
    const problem = problems.map(({ file, message }) => `${file}: ${message}`).join("; ");
    return { secrets: secrets.map(({ name, origin }) => ({ name, origin })), problem: problem || null };
  } catch (error) {
    return { secrets: [], problem: (error as Error).message };
  }
}
