/**
 * What a run has printed, piece by piece, as lines: joined where a piece ends within a line, each with its time, with
 * Actions' commands read as what they mean. Knows nothing of how it looks.
 */
import { visibleText } from "../../../src/lib/visible.ts";
import type { OutputPiece } from "../api/types.ts";

export type Kind = "text" | "group" | "error" | "warning" | "notice" | "debug";

export interface LogLine {
  /** From 1. */
  number: number;
  at: string;
  stream: OutputPiece["stream"];
  kind: Kind;
  /** With colours as terminals have them; every other control character is a symbol. */
  text: string;
  /** The number of the line that opens the group it stands in. */
  group?: number;
}

type Stream = OutputPiece["stream"];

/** https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands */
const COMMAND = /^::([a-z-]+)(?: ([^:]*(?:(?!::).)*?))?::(.*)$/is;
const SHOWN = new Set<string>(["error", "warning", "notice", "debug"]);

export class LogLines {
  readonly #lines: LogLine[] = [];
  /** By stream: the line that goes on with the next piece, and what it holds as it was printed. */
  readonly #unfinished = new Map<Stream, { line: LogLine; raw: string }>();
  #group?: number;
  /** The word that lets commands be understood again. */
  #resumeWord?: string;
  #lastSeq = -1;

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** A piece that came already, as after a connection was lost, changes nothing. */
  add({ stream, at, text, seq }: OutputPiece): void {
    if (seq <= this.#lastSeq) return;
    this.#lastSeq = seq;
    // A bare carriage return begins a line, too: a progress bar must not hide what stood there.
    const parts = text.split(/\r\n|\n|\r/);
    for (const [index, raw] of parts.entries()) {
      if (index < parts.length - 1) this.#finish(stream, at, raw);
      else if (raw !== "") this.#extend(stream, at, raw);
    }
  }

  #extend(stream: Stream, at: string, raw: string): void {
    const open = this.#unfinished.get(stream);
    if (open) {
      open.raw += raw;
      open.line = this.#change(open.line, { text: visibleText(open.raw) });
      return;
    }
    const line: LogLine = {
      number: this.#lines.length + 1,
      at,
      stream,
      kind: "text",
      text: visibleText(raw),
      group: this.#group,
    };
    this.#lines.push(line);
    this.#unfinished.set(stream, { line, raw });
  }

  /** The line ends after this text. */
  #finish(stream: Stream, at: string, rest: string): void {
    this.#extend(stream, at, rest);
    const ended = this.#unfinished.get(stream);
    this.#unfinished.delete(stream);
    if (ended && stream !== "longshore" && ended.raw.startsWith("::"))
      this.#understand(ended.line, ended.raw);
  }

  #understand(line: LogLine, raw: string): void {
    const [, name = "", properties = "", data = ""] = COMMAND.exec(raw) ?? [];
    const command = name.toLowerCase();
    if (this.#resumeWord !== undefined) {
      if (command === this.#resumeWord) this.#resumeWord = undefined;
    } else if (command === "stop-commands") this.#resumeWord = data.toLowerCase();
    else if (command === "group") {
      this.#change(line, { kind: "group", text: visibleText(unescaped(data)), group: undefined });
      this.#group = line.number;
    } else if (command === "endgroup") this.#endGroup(line);
    else if (SHOWN.has(command))
      this.#change(line, { kind: command as Kind, text: visibleText(placeIn(properties) + unescaped(data)) });
  }

  /** Another object, so that whoever has drawn the line sees that it is another. */
  #change(line: LogLine, changes: Partial<LogLine>): LogLine {
    const changed = { ...line, ...changes };
    this.#lines[line.number - 1] = changed;
    return changed;
  }

  /** The line itself says nothing: it goes, if nothing has come after it. */
  #endGroup(line: LogLine): void {
    this.#group = undefined;
    if (this.#lines.at(-1) === line) this.#lines.pop();
    else this.#change(line, { text: "" });
  }
}

/** `file=app.js,line=3` as `app.js:3: `. */
function placeIn(properties: string): string {
  const pairs = new Map(properties.split(",").map((pair) => pair.split("=", 2) as [string, string]));
  const [file, line] = [pairs.get("file"), pairs.get("line")];
  return file === undefined ? "" : `${unescaped(file)}${line === undefined ? "" : `:${line}`}: `;
}

function unescaped(text: string): string {
  return text.replace(/%(0D|0A|3A|2C|25)/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}
