/** How long things take: of most of them, and of the slowest. */
import type { Overview } from "../../api/types.ts";
import { Section } from "../../parts/section.tsx";
import { duration } from "../../parts/time.tsx";
import styles from "./durations.module.css";

type Durations = Overview["runDurations"];

export function DurationsSection({ overview }: { overview: Overview }) {
  const rows: [name: string, about: string, durations: Durations][] = [
    ["Accept", "from a request to its answer, on this node since it started", overview.acceptDurations],
    ["Wait", "from queued to started", overview.waits],
    ["Run", "from started to finished", overview.runDurations],
  ];
  return (
    <Section title="Durations" flush>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">half</th>
            <th scope="col">95 %</th>
            <th scope="col">slowest</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, about, { p50, p95, max, count }]) => (
            <tr key={name}>
              <th scope="row">
                {name} <span className={styles.about}>{about}</span>
                <span className={styles.about}> · {count}</span>
              </th>
              {[p50, p95, max].map((ms, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: three columns
                <td key={index}>{ms === null ? "–" : duration(ms)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
