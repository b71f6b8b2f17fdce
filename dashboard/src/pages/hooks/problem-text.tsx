/** A mistake in words, and how bad it is. */
import { AlertIcon, XCircleIcon } from "@primer/octicons-react";
import type { Problem } from "../../api/types.ts";
import { Sentence } from "../../parts/text.tsx";
import styles from "./problem-text.module.css";

interface ProblemTextProps {
  problem: Problem;
  /** Whether the line is said, where it cannot be seen. */
  withPlace?: boolean;
}

export function ProblemText({
  problem: { severity, message, line, column },
  withPlace = false,
}: ProblemTextProps) {
  return (
    <div className={styles.problem} data-severity={severity}>
      {severity === "error" ? <XCircleIcon aria-label="error" /> : <AlertIcon aria-label="warning" />}
      <span>
        {withPlace && line !== null && (
          <strong>{`Line ${line}${column === null ? "" : `:${column}`}: `}</strong>
        )}
        <Sentence text={message} />
      </span>
    </div>
  );
}
