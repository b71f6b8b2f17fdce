/** The program's entry: hands the command line over, and turns what was thrown into an exit code. */
import { run } from "./cli/program.ts";

// Whoever reads what is printed may have seen enough, as `head` does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  throw error;
});

process.exitCode = await run(process.argv.slice(2));
