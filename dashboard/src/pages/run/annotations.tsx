/** What the attempt pointed out. */
import { AlertIcon, InfoIcon, XCircleIcon } from "@primer/octicons-react";
import type { Annotation } from "../../api/types.ts";
import { Section } from "../../parts/section.tsx";
import { Foreign } from "../../parts/text.tsx";
import styles from "./annotations.module.css";

const ICONS = { error: XCircleIcon, warning: AlertIcon, notice: InfoIcon } as const;

export function Annotations({ annotations }: { annotations: readonly Annotation[] }) {
  return (
    <Section title="Annotations" flush>
      <ul>
        {annotations.map((annotation, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a script may point out the same thing twice, and they stay in their order
          <Shown key={index} {...annotation} />
        ))}
      </ul>
    </Section>
  );
}

function Shown({ level, message, title, file, line, column }: Annotation) {
  const Icon = ICONS[level];
  const place = file === null ? null : [file, line, column].filter((part) => part !== null).join(":");
  return (
    <li className={styles.annotation} data-level={level}>
      <Icon aria-label={level} className={styles.icon} />
      <div className={styles.text}>
        {title !== null && (
          <strong>
            <Foreign text={title} />
          </strong>
        )}
        <p>
          {message.split("\n").map((text, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one text do not change places
            <span key={index} className={styles.line}>
              <Foreign text={text} />
            </span>
          ))}
        </p>
        {place !== null && (
          <code className={styles.place}>
            <Foreign text={place} />
          </code>
        )}
      </div>
    </li>
  );
}
