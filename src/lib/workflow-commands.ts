/**
 * The lines by which a script speaks to whoever performs it, as in GitHub Actions: `::error file=app.js,line=3::No`.
 * They are found in what it prints, piece by piece, and only at the start of a line: Actions skips blanks before them,
 * but `git log` puts blanks before whatever a stranger has written.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */

const NAMES = ["add-mask", "debug", "endgroup", "error", "group", "notice", "warning"] as const;
const STOP = "stop-commands";
const MARK = "::";

/** A line that is longer is no command: somebody has to wait for its end with all of it in memory. */
export const MAX_COMMAND_BYTES = 64 * 1024;

export interface WorkflowCommand {
  name: (typeof NAMES)[number];
  /** By their names in small letters. */
  properties: ReadonlyMap<string, string>;
  data: string;
  /** Whether its line is too long, and therefore without `data`. So only an `add-mask`, which must not be shown. */
  isTooLong: boolean;
}

interface Parts extends Pick<WorkflowCommand, "properties" | "data"> {
  name: string;
}

/** The parts of a line that has the form of a command, known or not. */
function parse(line: string): Parts | undefined {
  const end = line.startsWith(MARK) ? line.indexOf(MARK, MARK.length) : -1;
  if (end === -1) return undefined;
  const [name = "", ...rest] = line.slice(MARK.length, end).split(" ");
  return {
    name: small(name),
    properties: properties(rest.join(" ").trim()),
    data: unescaped(line.slice(end + MARK.length), /%(0D|0A|25)/g),
  };
}

/** Of a name that comes twice the last one counts; what is empty is not there. */
function properties(text: string): Map<string, string> {
  const pairs = text.split(",").map((pair) => /^([^=]+)=(.+)$/s.exec(pair) ?? []);
  return new Map(
    pairs.flatMap(([, name, value]) =>
      name === undefined || value === undefined
        ? []
        : [[small(name), unescaped(value, /%(0D|0A|3A|2C|25)/g)] as const],
    ),
  );
}

function unescaped(text: string, escapes: RegExp): string {
  return text.replace(escapes, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** In small letters, as far as they are ASCII: their bytes are compared, too. */
function small(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** What is done with the streams' commands, and whether a script has stopped that: for all its streams together. */
export class WorkflowCommands {
  readonly #understand: (command: WorkflowCommand) => string | undefined;
  /** The name that lets commands be understood again. */
  #resumeWord?: string;

  /** @param understand is given each command as it comes, and returns what stands in its line's place, if not itself. */
  constructor(understand: (command: WorkflowCommand) => string | undefined) {
    this.#understand = understand;
  }

  /** @param pass is given all that is printed. */
  stream(pass: (bytes: Uint8Array) => void): CommandStream {
    return new CommandStream(this, pass);
  }

  /** What is looked for at the start of a line. */
  get names(): readonly string[] {
    return this.#resumeWord === undefined ? [...NAMES, STOP] : [this.#resumeWord];
  }

  /** What stands in the place of a line; `undefined` when that is the line itself. */
  read(line: Uint8Array): string | undefined {
    const parts = parse(Buffer.from(line).toString());
    if (!parts) return undefined;
    const { name, data } = parts;
    if (this.#resumeWord !== undefined) {
      if (name === this.#resumeWord) this.#resumeWord = undefined;
    } else if (name === STOP) this.#stop(small(data));
    else if (isName(name)) return this.#understand({ ...parts, name, isTooLong: false });
  }

  /** What stands in the place of a line that is too long to be read, for all of it; `undefined` as above. */
  readTooLong(start: Uint8Array): string | undefined {
    if (
      this.#resumeWord !== undefined ||
      !/^::add-mask[ :]/i.test(Buffer.from(start.subarray(0, 11)).toString())
    )
      return undefined;
    return this.#understand({ name: "add-mask", properties: new Map(), data: "", isTooLong: true });
  }

  /** A token that could come by itself is none. */
  #stop(word: string): void {
    if (word !== "" && word !== STOP && !isName(word)) this.#resumeWord = word;
  }
}

function isName(name: string): name is WorkflowCommand["name"] {
  return (NAMES as readonly string[]).includes(name);
}

const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const COLON = 0x3a;

/**
 * One stream of a script. Everything is passed on at once and byte for byte, save for the commands and what may be the
 * beginning of one. A carriage return ends a line, too, as in Actions.
 */
export class CommandStream {
  readonly #commands: WorkflowCommands;
  readonly #pass: (bytes: Uint8Array) => void;
  /** `held`: in a line that can be a command; `hidden`: in one that is not shown. */
  #place: "start" | "inside" | "held" | "hidden" = "start";
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  /** Whether the name of what is held is known to be one. */
  #isNamed = false;

  constructor(commands: WorkflowCommands, pass: (bytes: Uint8Array) => void) {
    this.#commands = commands;
    this.#pass = pass;
  }

  add(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#place === "held") at = this.#hold(bytes, at);
      else if (this.#place === "hidden") at = this.#hide(bytes, at);
      else at = this.#passOn(bytes, at);
    }
  }

  /** The last line need not have an end. */
  end(): void {
    if (this.#place === "held") this.#settle();
    this.#place = "start";
  }

  /** Up to where a command may begin. Returns that place. */
  #passOn(bytes: Uint8Array, from: number): number {
    let isStart = this.#place === "start";
    let at = from;
    for (; at < bytes.length; at++) {
      const byte = bytes[at];
      if (isStart && byte === COLON && (bytes[at + 1] ?? COLON) === COLON) break;
      isStart = byte === LINE_FEED || byte === RETURN;
    }
    if (at > from) this.#pass(bytes.subarray(from, at));
    this.#place = at < bytes.length ? "held" : isStart ? "start" : "inside";
    return at;
  }

  #hold(bytes: Uint8Array, from: number): number {
    const end = endOfLine(bytes, from);
    this.#held.push(bytes.subarray(from, end));
    this.#heldBytes += end - from;
    if (this.#heldBytes > MAX_COMMAND_BYTES) this.#giveUp();
    else if (end < bytes.length) this.#settle();
    else if (!this.#isNamed) this.#look();
    return end;
  }

  #hide(bytes: Uint8Array, from: number): number {
    const end = endOfLine(bytes, from);
    if (end < bytes.length) this.#place = "inside";
    return end;
  }

  /** Whether what is held can still become a command: what cannot is not held any longer. */
  #look(): void {
    const names = this.#commands.names.map((name) => Buffer.from(`${MARK}${name}`).toString("latin1"));
    const length = Math.max(...names.map((name) => name.length)) + MARK.length;
    const start = Buffer.from(this.#line().subarray(0, length)).toString("latin1");
    const fits = names.map((name) => fit(small(start), name));
    this.#isNamed = fits.includes("is");
    if (!fits.some((one) => one !== "is not")) this.#passHeld();
  }

  /** The line is there as a whole. */
  #settle(): void {
    const substitute = this.#commands.read(this.#line());
    if (substitute !== undefined) this.#held = [Buffer.from(substitute)];
    this.#passHeld();
  }

  #giveUp(): void {
    const substitute = this.#commands.readTooLong(this.#line());
    if (substitute !== undefined) this.#held = [Buffer.from(substitute)];
    this.#passHeld();
    if (substitute !== undefined) this.#place = "hidden";
  }

  #line(): Uint8Array {
    if (this.#held.length > 1) this.#held = [Buffer.concat(this.#held)];
    return this.#held[0] ?? new Uint8Array();
  }

  #passHeld(): void {
    const line = this.#line();
    this.#held = [];
    this.#heldBytes = 0;
    this.#isNamed = false;
    this.#place = "inside";
    this.#pass(line);
  }
}

/** Where the line ends that goes on at `from`; the length of all when that is not there yet. */
function endOfLine(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at++) if (bytes[at] === LINE_FEED || bytes[at] === RETURN) return at;
  return bytes.length;
}

function fit(start: string, name: string): "is" | "may be" | "is not" {
  if (start.length <= name.length) return name.startsWith(start) ? "may be" : "is not";
  if (!start.startsWith(name)) return "is not";
  const rest = start.slice(name.length);
  if (rest.startsWith(" ") || rest.startsWith(MARK)) return "is";
  return rest === ":" ? "may be" : "is not";
}
