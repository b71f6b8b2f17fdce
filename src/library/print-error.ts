/** What is printed of an error that nobody else wants to hear of: all of it but the secrets of the receiver. */
import { inspect } from "node:util";

/**
 * Prints to standard error, in a moment: what masks is loaded only when there is something to mask.
 *
 * @param secrets gives their values; when that fails nobody knows any.
 */
export async function printError(title: string, error: unknown, secrets: () => string[]): Promise<void> {
  const { Masker } = await import("../run/masker.ts");
  const masker = new Masker(valuesOf(secrets));
  console.error(title, masker.text(inspect(error, { colors: process.stderr.isTTY === true })));
}

function valuesOf(secrets: () => string[]): string[] {
  try {
    return secrets();
  } catch {
    return [];
  }
}
