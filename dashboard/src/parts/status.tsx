/** How a run stands: an icon in its colour, and the word for whoever does not see it. */
import {
  CheckCircleFillIcon,
  ClockIcon,
  type Icon,
  SkipIcon,
  StopIcon,
  SyncIcon,
  XCircleFillIcon,
} from "@primer/octicons-react";
import type { Attempt, RunStatus } from "../api/types.ts";
import styles from "./status.module.css";

type Outcome = RunStatus | Attempt["outcome"];

const ICONS: Record<Outcome, [Icon, className: string | undefined]> = {
  queued: [ClockIcon, styles.queued],
  running: [SyncIcon, styles.running],
  succeeded: [CheckCircleFillIcon, styles.succeeded],
  failed: [XCircleFillIcon, styles.failed],
  cancelled: [StopIcon, styles.quiet],
  skipped: [SkipIcon, styles.quiet],
  interrupted: [StopIcon, styles.queued],
  "handed back": [StopIcon, styles.quiet],
};

interface StatusProps {
  status: Outcome;
  /** Whether the word stands beside the icon. */
  withWord?: boolean;
  size?: number;
}

export function Status({ status, withWord = false, size = 16 }: StatusProps) {
  const [Shape, className] = ICONS[status];
  return (
    <span className={styles.status}>
      <span className={className} title={withWord ? undefined : status}>
        <Shape size={size} {...(withWord ? {} : { "aria-label": status })} />
      </span>
      {withWord && <span className={styles.word}>{status}</span>}
    </span>
  );
}
