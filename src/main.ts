/** The program's entry: hands the command line over, and turns what was thrown into an exit code. */
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

/**
 * What Node has made of the source is kept from one start to the next, which takes a third off a command's time. Beside
 * the packages, not in the folder for temporary files: whoever can write there could have us run theirs.
 */
enableCompileCache(fileURLToPath(new URL("../node_modules/.cache/longshore", import.meta.url)));
const { run } = await import("./cli/program.ts");

// Whoever reads what is printed may have seen enough, as `head` does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  throw error;
});

process.exitCode = await run(process.argv.slice(2));
