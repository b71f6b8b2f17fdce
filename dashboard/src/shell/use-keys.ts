/** Keys that do something anywhere on a page: single ones, and sequences such as `g d`. */
import { useEffect, useRef } from "react";

export type Keys = Record<string, () => void>;

/** A sequence that is not finished by then is forgotten. */
const SEQUENCE_MS = 1_500;

/** Nothing happens while somebody types into a field or a dialog is open. */
export function useKeys(keys: Keys): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    const sequence = new KeySequence();
    const onKey = (event: KeyboardEvent) => {
      if (isForOthers(event)) return;
      const action = sequence.press(event, current.current);
      if (!action) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

/** What has been pressed of a sequence. */
class KeySequence {
  #prefix = "";
  #at = 0;

  /** @returns what is to be done, unless there is nothing, or more keys have to follow. */
  press({ key, timeStamp }: KeyboardEvent, keys: Keys): (() => void) | undefined {
    const isFollowing = this.#prefix !== "" && timeStamp - this.#at < SEQUENCE_MS;
    const pressed = isFollowing ? `${this.#prefix} ${key}` : key;
    const isPrefix = Object.keys(keys).some((name) => name.startsWith(`${pressed} `));
    this.#prefix = isPrefix ? pressed : "";
    this.#at = timeStamp;
    return isPrefix ? undefined : (keys[pressed] ?? keys[key]);
  }
}

function isForOthers(event: KeyboardEvent): boolean {
  const { defaultPrevented, ctrlKey, metaKey, altKey, target } = event;
  const isTyping =
    target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable=true]");
  const isCommand = ctrlKey || metaKey || altKey;
  return (
    defaultPrevented || isCommand || isTyping || document.querySelector("[role=dialog], [role=menu]") !== null
  );
}
