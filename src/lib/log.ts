/** The log: one line of JSON an event on standard error, or lines for people where that is a terminal. */
import pino, { type Logger } from "pino";
import pretty from "pino-pretty";

export type Log = Logger;
export type LogLevel = "debug" | "info" | "warn" | "error";

const STANDARD_ERROR = 2;

/** @param forPeople whether a person reads along: colours, and no JSON. */
export function createLog(level: LogLevel, forPeople: boolean): Log {
  const options = { level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime };
  // Written at once: the last lines before a crash are the ones that somebody will look for.
  if (!forPeople) return pino(options, pino.destination({ dest: STANDARD_ERROR, sync: true }));
  return pino(
    options,
    pretty({ destination: STANDARD_ERROR, sync: true, translateTime: "SYS:HH:MM:ss", colorize: true }),
  );
}
