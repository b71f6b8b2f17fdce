/** The way of a run, from the delivery's arrival to its end. */
import type { Step } from "../../api/types.ts";
import { Section } from "../../parts/section.tsx";
import { Foreign } from "../../parts/text.tsx";
import { duration, Time } from "../../parts/time.tsx";
import styles from "./timeline.module.css";

export function Timeline({ steps }: { steps: readonly Step[] }) {
  return (
    <Section title="Timeline">
      <ol className={styles.steps}>
        {steps.map((step, index) => {
          const before = steps[index - 1];
          const waited = before ? Date.parse(step.at) - Date.parse(before.at) : 0;
          return (
            <li key={`${step.at} ${step.what} ${step.attempt}`} className={styles.step}>
              <div>
                <Foreign text={step.text} />
              </div>
              <div className={styles.time}>
                <Time at={step.at} />
                {before && waited >= 0 && ` · ${duration(waited)} later`}
              </div>
            </li>
          );
        })}
      </ol>
    </Section>
  );
}
