/**
 * What an attempt points out beside its output: annotations and a summary; and what it wants to be masked. All of it
 * can be a stranger's, who has written a commit's message: so nothing here costs more than a little memory and time.
 */
import { type WorkflowCommand, WorkflowCommands } from "../lib/workflow-commands.ts";
import type { Annotation, Highlights } from "../store/highlights.ts";
import { tidy, toAnnotation } from "./annotation.ts";
import type { Masker } from "./masker.ts";
import type { Summary } from "./summary.ts";

const MAX_ANNOTATIONS = 50;
const MAX_MASKS = 100;
/** Some thirty tokens, or ten private keys. The forms of a value can have forty times its length. */
const MAX_MASK_BYTES = 32 * 1024;
const MIN_MASK_CHARACTERS = 4;
const HIDDEN = "::add-mask::***";
const CUT = "*The summary was larger than 1 MiB. The rest is left out.*";

type Note = (text: string) => void;

/** Of one attempt: of its hook's work, and of its `on-failure`. */
export class AttemptHighlights {
  #annotations: Annotation[] = [];
  #summary = "";
  /** Of the script that has just ended. */
  #unmasked?: Summary;
  readonly #masks = new Set<string>();
  #maskBytes = 0;
  readonly #notes = new Set<string>();

  /**
   * Understands the commands of a script.
   *
   * @param masker is given what the script wants to be masked.
   * @param note is told, once, what was too much.
   */
  commands(masker: Masker, note: Note): WorkflowCommands {
    for (const mask of this.#masks) masker.add(mask);
    return new WorkflowCommands((command) =>
      this.#understand(command, masker, (text) => this.#once(text, note)),
    );
  }

  /** @param summary as a script has left it. */
  summarize(summary: Summary): void {
    this.#unmasked = summary;
  }

  /** Masks what a script has pointed out, when it has printed all: what it wanted to be masked late, too. */
  settle(masker: Masker): void {
    this.#annotations = this.#annotations.map((one) => tidy(one, (text) => masker.text(text)));
    if (!this.#unmasked) return;
    const { markdown, isCut } = this.#unmasked;
    const parts = [this.#summary, masker.text(markdown, { isCut }), ...(isCut ? [CUT] : [])];
    this.#summary = parts.filter((part) => part !== "").join("\n\n");
    this.#unmasked = undefined;
  }

  /** `undefined` when there is nothing to store. */
  found(): Highlights | undefined {
    const annotations = this.#annotations;
    const summary = this.#summary.trim() === "" ? null : this.#summary;
    return annotations.length > 0 || summary !== null ? { annotations, summary } : undefined;
  }

  #understand(command: WorkflowCommand, masker: Masker, note: Note): string | undefined {
    switch (command.name) {
      case "add-mask":
        this.#addMask(command, masker, note);
        return HIDDEN;
      case "error":
      case "warning":
      case "notice":
        return void this.#annotate(command.name, command, note);
    }
  }

  #annotate(level: Annotation["level"], command: WorkflowCommand, note: Note): void {
    const isFull = this.#annotations.length >= MAX_ANNOTATIONS;
    if (isFull) return note(`an attempt has ${MAX_ANNOTATIONS} annotations at most; others stand only here`);
    const annotation = toAnnotation(level, command);
    if (annotation) this.#annotations.push(annotation);
  }

  #addMask({ data, isTooLong }: WorkflowCommand, masker: Masker, note: Note): void {
    if (this.#masks.has(data)) return;
    if (!isTooLong && data.trim().length < MIN_MASK_CHARACTERS)
      return note(
        `what \`add-mask\` hides has ${MIN_MASK_CHARACTERS} characters at least; less is not masked`,
      );
    const bytes = this.#maskBytes + Buffer.byteLength(data);
    if (isTooLong || this.#masks.size >= MAX_MASKS || bytes > MAX_MASK_BYTES)
      return note(
        `an attempt can add ${MAX_MASKS} masks of ${MAX_MASK_BYTES / 1024} KiB altogether; others are not masked`,
      );
    this.#masks.add(data);
    this.#maskBytes = bytes;
    masker.add(data);
  }

  #once(text: string, note: Note): void {
    if (this.#notes.has(text)) return;
    this.#notes.add(text);
    note(text);
  }
}
