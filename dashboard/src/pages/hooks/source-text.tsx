/** The text of a file, its lines numbered, each mistake below the line that it is in. */

import type { Problem } from "../../api/types.ts";
import { plainText } from "../../parts/plain-text.ts";
import { ProblemText } from "./problem-text.tsx";
import styles from "./source-text.module.css";

export function SourceText({ text, problems }: { text: string; problems: readonly Problem[] }) {
  const lines = text.replace(/\n$/, "").split("\n");
  const general = problems.filter(({ line }) => line === null || line > lines.length);
  return (
    <div className={styles.source}>
      {general.map((problem) => (
        <ProblemText key={problem.message} problem={problem} />
      ))}
      <ol className={styles.lines}>
        {lines.map((line, index) => {
          const own = problems.filter((problem) => problem.line === index + 1);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines are known by their numbers
            <li key={index} data-severity={own[0]?.severity}>
              <span className={styles.number}>{index + 1}</span>
              <code className={styles.code}>{plainText(line) || " "}</code>
              {own.map((problem) => (
                <ProblemText key={problem.message} problem={problem} />
              ))}
            </li>
          );
        })}
      </ol>
    </div>
  );
}
