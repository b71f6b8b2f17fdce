/** The admin token: made on the first start, for its owner alone, and printed by nobody. */
import { randomUUID } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { newSecretText } from "../store/tokens.ts";

const LOOK_EVERY_MS = 1_000;

/**
 * @returns what reads it: whoever puts another one there, or removes it, need not start the server again.
 * @throws when the file cannot be read or made.
 */
export function openAdminToken(dataFolder: string): () => string {
  const file = join(dataFolder, "admin-token");
  let token = readOrMake(file);
  let readAt = performance.now();
  return () => {
    if (performance.now() - readAt > LOOK_EVERY_MS) {
      token = readOrMake(file);
      readAt = performance.now();
    }
    return token;
  };
}

function readOrMake(file: string): string {
  for (;;) {
    try {
      const token = readFileSync(file, "utf8").trim();
      if (token.length >= 32) return token;
      throw new Error(`${file} holds no token: remove it, and a new one is made`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
    make(file);
  }
}

/** There at once or not at all: of two that start at the same time both have the same one. */
function make(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, `${newSecretText()}\n`, { mode: 0o600, flag: "wx" });
  chmodSync(draft, 0o600);
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    unlinkSync(draft);
  }
}
