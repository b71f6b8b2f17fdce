/** The few numbers that say how it goes. */
import { Link } from "wouter";
import type { Overview } from "../../api/types.ts";
import styles from "./figures.module.css";

export function Figures({ overview: { totals, now } }: { overview: Overview }) {
  const ended = totals.succeeded + totals.failed;
  const figures: [name: string, value: string | number, href: string][] = [
    ["deliveries", totals.deliveries, "/deliveries"],
    ["runs succeeded", ended === 0 ? "–" : `${Math.floor((totals.succeeded / ended) * 100)} %`, "/runs"],
    ["runs failed", totals.failed, "/runs?status=failed"],
    ["running now", now.running, "/runs?status=running"],
    ["queued now", now.queued, "/runs?status=queued"],
  ];
  return (
    <ul className={styles.figures} aria-label="Figures">
      {figures.map(([name, value, href]) => (
        <li key={name}>
          <Link href={href} className={styles.figure}>
            <strong>{value}</strong>
            <span>{name}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
