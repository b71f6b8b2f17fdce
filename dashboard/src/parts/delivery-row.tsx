/** A delivery in a list. */
import { Link } from "wouter";
import type { DeliveryOfList } from "../api/types.ts";
import styles from "./delivery-row.module.css";
import { DeliveryState } from "./delivery-state.tsx";
import { eventOf, shortSha, stateOf } from "./delivery-words.ts";
import { Ref, Row } from "./list.tsx";
import { Status } from "./status.tsx";
import { Foreign } from "./text.tsx";
import { Time } from "./time.tsx";

/** More hooks than that are counted, not named. */
const SHOWN_RUNS = 3;

export function DeliveryRow({ delivery }: { delivery: DeliveryOfList }) {
  const { id, repository, ref, sha, sender, receivedAt, runs, source, byHand } = delivery;
  const lastRuns = [...new Map(runs.map((run) => [run.hook, run])).values()];
  return (
    <Row
      icon={<DeliveryState state={stateOf(delivery)} />}
      href={`/deliveries/${id}`}
      title={
        <>
          {eventOf(delivery)}{" "}
          {repository !== null && (
            <span className={styles.repository}>
              <Foreign text={repository} />
            </span>
          )}
        </>
      }
      meta={
        <>
          #{id} · {byHand ? "made by hand" : source}
          {sha !== null && (
            <>
              {" "}
              · <code>{shortSha(sha)}</code>
            </>
          )}
          {sender !== null && (
            <>
              {" "}
              · by <Foreign text={sender} />
            </>
          )}
        </>
      }
      labels={
        <>
          {ref !== null && <Ref name={ref} />}
          {lastRuns.slice(0, SHOWN_RUNS).map((run) => (
            <Link key={run.id} href={`/runs/${run.id}`} className={styles.run}>
              <Status status={run.status} size={12} /> <Foreign text={run.hook} />
            </Link>
          ))}
          {lastRuns.length > SHOWN_RUNS && (
            <span className={styles.run}>and {lastRuns.length - SHOWN_RUNS} more</span>
          )}
        </>
      }
      end={<Time at={receivedAt} />}
    />
  );
}
