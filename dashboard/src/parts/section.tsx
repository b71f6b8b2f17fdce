/** A box with a heading, as pages are made of. */
import type { ReactNode } from "react";
import styles from "./section.module.css";

interface SectionProps {
  title: string;
  /** What stands at the right of the heading. */
  actions?: ReactNode;
  /** Whether the content reaches the box's edges. */
  flush?: boolean;
  children: ReactNode;
}

export function Section({ title, actions, flush = false, children }: SectionProps) {
  return (
    <section className={styles.section} aria-label={title}>
      <div className={styles.head}>
        <h2 className={styles.title}>{title}</h2>
        {actions}
      </div>
      <div className={flush ? undefined : styles.body}>{children}</div>
    </section>
  );
}

interface FactsProps {
  facts: Readonly<Record<string, ReactNode>>;
  /** Whether they are short, and stand in a column. */
  isNarrow?: boolean;
}

/** Names and what they stand for. Those without a value are left out. */
export function Facts({ facts, isNarrow = false }: FactsProps) {
  return (
    <dl className={styles.facts} data-narrow={isNarrow}>
      {Object.entries(facts)
        .filter(([, value]) => value !== null && value !== undefined && value !== false && value !== "")
        .map(([name, value]) => (
          <div key={name} className={styles.fact}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
