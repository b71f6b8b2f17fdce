/** A run as it stands in a list. */

import { Link } from "wouter";
import type { RunOfList } from "../api/types.ts";
import { Ref, Row } from "./list.tsx";
import { Status } from "./status.tsx";
import { Foreign } from "./text.tsx";
import { duration, Time } from "./time.tsx";

export function RunRow({ run }: { run: RunOfList }) {
  const { id, hook, deliveryId, status, reason, attempt, exitCode, event, action, repository, ref } = run;
  return (
    <Row
      icon={<Status status={status} />}
      href={`/runs/${id}`}
      title={<Foreign text={hook} />}
      meta={
        <>
          #{id} · {action === null ? event : `${event}.${action}`}
          {repository !== null && (
            <>
              {" "}
              on <Foreign text={repository} />
            </>
          )}{" "}
          · <Link href={`/deliveries/${deliveryId}`}>delivery {deliveryId}</Link>
          {attempt > 1 && ` · attempt ${attempt}`}
          {exitCode !== null && exitCode !== 0 && ` · exit code ${exitCode}`}
          {reason !== null && (
            <>
              {" "}
              · <Foreign text={reason} />
            </>
          )}
        </>
      }
      labels={ref !== null && <Ref name={ref} />}
      end={
        <>
          <Time at={run.queuedAt} />
          {run.durationMs !== null && <div>{duration(run.durationMs)}</div>}
        </>
      }
    />
  );
}
