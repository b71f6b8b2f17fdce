/** The program's entry: hands the command line over, and turns what was thrown into an exit code. */
import { run } from "./cli/program.ts";

process.exitCode = await run(process.argv.slice(2));
