/** What the filters of a hook say, one by one. */
import { CheckIcon, QuestionIcon, XIcon } from "@primer/octicons-react";
import type { Check } from "../../api/types.ts";
import { Sentence } from "../../parts/text.tsx";
import styles from "./check-list.module.css";

export function CheckList({ checks, label }: { checks: readonly Check[]; label: string }) {
  return (
    <ul className={styles.checks} aria-label={label}>
      {checks.map((check) => (
        <li key={`${check.filter} ${check.reason}`} className={styles.check}>
          <CheckMark check={check} />
          <span>
            <code className={styles.filter}>{check.filter}</code> <Sentence text={check.reason} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function CheckMark({ check: { passed, error, undecided } }: { check: Check }) {
  if (error || undecided) return <QuestionIcon className={styles.unknown} aria-label="not known" />;
  if (passed) return <CheckIcon className={styles.passed} aria-label="passed" />;
  return <XIcon className={styles.failed} aria-label="not passed" />;
}
