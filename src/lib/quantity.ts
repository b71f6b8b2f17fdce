/** Durations and sizes as people write them in settings: `10m`, `30d`, `25MiB`. */

const MILLISECONDS = new Map([
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

const BYTES = new Map([
  ["B", 1],
  ["KB", 1e3],
  ["MB", 1e6],
  ["GB", 1e9],
  ["KiB", 1024],
  ["MiB", 1024 ** 2],
  ["GiB", 1024 ** 3],
]);

/** What a duration looks like. A regular expression, for whoever cannot call a function. */
export const DURATION = formOf(MILLISECONDS);

/** What a size looks like. */
export const SIZE = `^\\d+$|${formOf(BYTES)}`;

/** Milliseconds of a duration such as `250ms`, `30s`, `10m`, `12h` or `30d`; `undefined` when it is none. */
export function parseDuration(text: string): number | undefined {
  return parse(text, DURATION, MILLISECONDS);
}

/** Bytes of a size such as `512KiB`, `25MiB`, `1GB`, or a bare number of bytes; `undefined` when it is none. */
export function parseSize(text: string): number | undefined {
  return parse(/^\d+$/.test(text) ? `${text}B` : text, SIZE, BYTES);
}

/** A duration for people: `340 ms`, `2.4 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1_440)} d ${Math.floor((minutes % 1_440) / 60)} h`;
}

/** A size for people: `915 B`, `7.7 KiB`, `25.0 MiB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1023.95 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`;
  if (bytes < 1023.95 * 1024 ** 2) return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}

function formOf(units: ReadonlyMap<string, number>): string {
  return `^\\s*(\\d+(?:\\.\\d+)?)\\s*(${[...units.keys()].join("|")})\\s*$`;
}

function parse(text: string, form: string, units: ReadonlyMap<string, number>): number | undefined {
  const [, number, unit] = new RegExp(form).exec(text) ?? [];
  const factor = units.get(unit ?? "");
  return factor === undefined ? undefined : Math.round(Number(number) * factor);
}
