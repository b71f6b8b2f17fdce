/**
 * What a run prints, on its way to the recorder: its workflow commands are understood, and then, because they can add
 * some, the secrets in it are masked. Each stream is a text of its own.
 */
import type { CommandStream, WorkflowCommands } from "../lib/workflow-commands.ts";
import type { OutputStream } from "../store/tables.ts";
import type { MaskedStream, Masker } from "./masker.ts";

/** Where what a run prints goes. */
export interface Output {
  /** @param at epoch milliseconds. */
  add(stream: OutputStream, bytes: Uint8Array, at: number): void;
  /** Adds a remark of Longshore's own. */
  note(text: string): void;
}

interface Lane {
  commands: CommandStream;
  masked: MaskedStream;
  /** What is ready to be given out. */
  ready: Uint8Array[];
}

export class MaskedOutput implements Output {
  readonly #masker: Masker;
  readonly #commands: WorkflowCommands;
  readonly #target: Output;
  readonly #lanes = new Map<OutputStream, Lane>();

  constructor(masker: Masker, commands: WorkflowCommands, target: Output) {
    this.#masker = masker;
    this.#commands = commands;
    this.#target = target;
  }

  add(stream: OutputStream, bytes: Uint8Array, at: number): void {
    const lane = this.#lane(stream);
    lane.commands.add(bytes);
    this.#giveOut(stream, lane, at);
  }

  note(text: string): void {
    this.#target.note(this.#masker.text(text));
  }

  /** Gives out what was held back, because it could have been the beginning of a command or a secret. */
  end(at: number): void {
    for (const [stream, lane] of this.#lanes) {
      lane.commands.end();
      lane.ready.push(lane.masked.end());
      this.#giveOut(stream, lane, at);
    }
  }

  #lane(stream: OutputStream): Lane {
    let lane = this.#lanes.get(stream);
    if (!lane) {
      const masked = this.#masker.stream();
      const ready: Uint8Array[] = [];
      lane = { commands: this.#commands.stream((bytes) => ready.push(masked.add(bytes))), masked, ready };
      this.#lanes.set(stream, lane);
    }
    return lane;
  }

  /** As one piece, however many commands are in it. */
  #giveOut(stream: OutputStream, { ready }: Lane, at: number): void {
    const [first = new Uint8Array(), ...others] = ready.splice(0);
    this.#target.add(stream, others.length > 0 ? Buffer.concat([first, ...others]) : first, at);
  }
}
