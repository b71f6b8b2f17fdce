/** Who changed what, and when. */
import { LogIcon } from "@primer/octicons-react";
import { Fragment } from "react";
import { Link } from "wouter";
import type { AuditEntry } from "../../api/types.ts";
import { Empty } from "../../parts/empty.tsx";
import { PagedList } from "../../parts/list.tsx";
import { Foreign } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { useList } from "../../parts/use-list.ts";
import styles from "./audit.module.css";
import { LOOK_EVERY_MS } from "./use-system.ts";

export default function Audit() {
  const list = useList<AuditEntry>("audit", {}, LOOK_EVERY_MS);
  return (
    <PagedList
      label="Audit"
      list={list}
      empty={
        <Empty icon={LogIcon} title="Nobody has changed anything">
          Every replay, cancel, retry and sign-in is written down here, with who did it.
        </Empty>
      }
    >
      {(entry) => <Shown entry={entry} />}
    </PagedList>
  );
}

function Shown({ entry: { at, who, action, subject, details } }: { entry: AuditEntry }) {
  const more = Object.entries(details).filter(([, value]) => saysSomething(value));
  return (
    <div className={styles.entry}>
      <strong>
        <Foreign text={who} />
      </strong>
      <span>
        {action} {subject !== null && <Foreign text={subject} />}
      </span>
      {more.length > 0 && (
        <span className={styles.more}>
          {more.map(([name, value], index) => (
            <Fragment key={name}>
              {index > 0 && ", "}
              <Detail name={name} value={value} />
            </Fragment>
          ))}
        </span>
      )}
      <span className={styles.when}>
        <Time at={at} />
      </span>
    </div>
  );
}

/** What was not asked for is left out. */
function saysSomething(value: unknown): boolean {
  return !(value === null || value === false || value === "" || (Array.isArray(value) && value.length === 0));
}

function Detail({ name, value }: { name: string; value: unknown }) {
  if (value === true) return <Foreign text={name} />;
  if (name !== "runs" || !Array.isArray(value)) return <Foreign text={`${name}: ${String(value)}`} />;
  return (
    <>
      {value.length === 1 ? "run" : "runs"}{" "}
      {value.map((run: unknown, index) => (
        <Fragment key={String(run)}>
          {index > 0 && ", "}
          <Link href={`/runs/${String(run)}`}>{String(run)}</Link>
        </Fragment>
      ))}
    </>
  );
}
