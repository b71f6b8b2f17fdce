/** The log: one line of JSON an event on standard error, or lines for people where that is a terminal. */
import pino, { type Logger } from "pino";

export type Log = Logger;
export type LogLevel = "debug" | "info" | "warn" | "error";

const STANDARD_ERROR = 2;

/** @param forPeople whether a person reads along: colours, and no JSON. */
export async function createLog(level: LogLevel, forPeople: boolean): Promise<Log> {
  const options = { level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime };
  // Written at once: the last lines before a crash are the ones that somebody will look for.
  if (!forPeople) return pino(options, pino.destination({ dest: STANDARD_ERROR, sync: true }));
  // Loaded only for them: it is made of dozens of files.
  const { default: pretty } = await import("pino-pretty");
  return pino(
    options,
    pretty({ destination: STANDARD_ERROR, sync: true, translateTime: "SYS:HH:MM:ss", colorize: true }),
  );
}
