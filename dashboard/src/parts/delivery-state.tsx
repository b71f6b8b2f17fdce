/** The icon of a delivery: that of its runs, or why it has none. */
import { ShieldIcon, SquareIcon } from "@primer/octicons-react";
import styles from "./delivery-state.module.css";
import type { DeliveryState as State } from "./delivery-words.ts";
import { Status } from "./status.tsx";

export function DeliveryState({ state, size = 16 }: { state: State; size?: number }) {
  if (state === "held back")
    return (
      <span className={styles.held} title="held back as a replay">
        <ShieldIcon size={size} aria-label="held back as a replay" />
      </span>
    );
  if (state === "no run")
    return (
      <span className={styles.none} title="no hook matched">
        <SquareIcon size={size} aria-label="no hook matched" />
      </span>
    );
  return <Status status={state} size={size} />;
}
