/**
 * Stored output as people read it in a terminal: split characters joined, workflow commands in words, nothing that
 * moves the cursor.
 */
import { styleText } from "node:util";
import { visibleText } from "../lib/visible.ts";
import { type WorkflowCommand, WorkflowCommands } from "../lib/workflow-commands.ts";
import type { OutputPiece } from "../store/output.ts";
import type { OutputStream } from "../store/tables.ts";

const LEVELS = {
  error: { word: "Error:", colour: "red" },
  warning: { word: "Warning:", colour: "yellow" },
  notice: { word: "Notice:", colour: "blue" },
  debug: { word: "Debug:", colour: "gray" },
} as const;

export class LogText {
  readonly #commands = new WorkflowCommands(inWords);
  /** A character may be split over two pieces; what is none shows as a replacement character. */
  readonly #decoders = streamDecoders();
  readonly #streams = {
    stdout: this.#commands.stream((bytes) => this.#write("stdout", bytes)),
    stderr: this.#commands.stream((bytes) => this.#write("stderr", bytes)),
  };
  #text = "";

  /** What can be shown by now: the beginning of a command is kept until its line has ended. */
  add({ stream, bytes }: Pick<OutputPiece, "stream" | "bytes">): string {
    if (stream === "longshore") this.#write(stream, bytes);
    else this.#streams[stream].add(bytes);
    return this.#take();
  }

  /** The rest. Nothing comes after it. */
  end(): string {
    for (const stream of Object.values(this.#streams)) stream.end();
    for (const decoder of Object.values(this.#decoders)) this.#text += decoder.decode();
    return this.#take();
  }

  #write(stream: OutputStream, bytes: Uint8Array): void {
    this.#text += this.#decoders[stream].decode(bytes, { stream: true });
  }

  #take(): string {
    const text = visibleText(this.#text);
    this.#text = "";
    return text;
  }
}

export function streamDecoders() {
  return { stdout: new TextDecoder(), stderr: new TextDecoder(), longshore: new TextDecoder() };
}

/** As Actions shows it; a group cannot be folded here, so it has a beginning and an end. */
function inWords({ name, properties, data }: WorkflowCommand): string | undefined {
  switch (name) {
    case "group":
      return `▼ ${data}`;
    case "endgroup":
      return "▲";
    case "add-mask":
      return undefined;
    default: {
      const { word, colour } = LEVELS[name];
      const place = [properties.get("file"), properties.get("line")].filter((part) => part !== undefined);
      const where = place.length > 0 && properties.has("file") ? ` ${place.join(":")}:` : "";
      return `${styleText(colour, word, { stream: process.stdout })}${where} ${data}`;
    }
  }
}
