/** A field for code: numbered lines, those with a mistake marked. */
import { useId, useRef } from "react";
import type { Problem } from "../../api/types.ts";
import styles from "./code-field.module.css";

interface CodeFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  problems: readonly Problem[];
}

export function CodeField({ label, value, onChange, problems }: CodeFieldProps) {
  const id = useId();
  const numbers = useRef<HTMLDivElement>(null);
  const lines = value.split("\n").length;
  const wrong = new Set(problems.map(({ line }) => line));
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={styles.label}>
        {label}
      </label>
      <div className={styles.frame}>
        <div ref={numbers} className={styles.numbers} aria-hidden="true">
          {Array.from({ length: lines }, (_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines are known by their numbers
            <div key={index} data-wrong={wrong.has(index + 1)}>
              {index + 1}
            </div>
          ))}
        </div>
        <textarea
          id={id}
          className={styles.text}
          value={value}
          rows={Math.min(Math.max(lines, 10), 30)}
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          onChange={(event) => onChange(event.target.value)}
          onScroll={(event) => numbers.current?.scrollTo({ top: event.currentTarget.scrollTop })}
        />
      </div>
    </div>
  );
}
