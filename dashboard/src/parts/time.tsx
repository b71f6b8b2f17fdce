/** Times: how long ago, with the exact one on hover, and how long something took. */
import { RelativeTime } from "@primer/react";

export function Time({ at }: { at: string }) {
  return (
    <RelativeTime datetime={at} tense="auto" title={exactTime(at)} noTitle>
      {exactTime(at)}
    </RelativeTime>
  );
}

/** `2026-11-24 08:00:00.123 (Berlin …)`: in the reader's own time zone, and said which. */
export function exactTime(at: string): string {
  return new Date(at).toLocaleString(undefined, {
    dateStyle: "medium",
    timeStyle: "long",
  });
}

/** `08:00:00.123`, for what is read line by line. */
export function clockTime(at: string): string {
  const time = new Date(at);
  const pad = (value: number, digits = 2) => String(value).padStart(digits, "0");
  return `${pad(time.getHours())}:${pad(time.getMinutes())}:${pad(time.getSeconds())}.${pad(time.getMilliseconds(), 3)}`;
}

/** `850 ms`, `12.3 s`, `4 m 5 s`, `2 h 10 m`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
  return hours > 0 ? `${hours} h ${minutes} m` : `${minutes} m ${seconds % 60} s`;
}

/** `7.7 KB`. */
export function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const units = ["KB", "MB", "GB"];
  let value = bytes / 1_000;
  let unit = 0;
  for (; value >= 1_000 && unit < units.length - 1; unit++) value /= 1_000;
  return `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}
