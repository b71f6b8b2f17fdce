/**
 * What Node has made of the source, kept from one start to the next (see `bin/longshore.js`), also for the processes that
 * a server starts: one for a handler is ready in less than half the time, because nothing of TypeScript has to be loaded.
 */

const VARIABLE = "NODE_COMPILE_CACHE";

/** What tells a process of ours where it is: a variable for its environment, if this process has it. */
export function compileCacheVariable(): Record<string, string> {
  const folder = process.env[VARIABLE];
  return folder ? { [VARIABLE]: folder } : {};
}

/** In a process that runs somebody's code: the variable is ours, and not for what that code starts. */
export function hideCompileCache(): void {
  delete process.env[VARIABLE];
}
