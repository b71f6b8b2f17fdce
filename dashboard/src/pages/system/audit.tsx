/** Who changed what, and when. */
import { LogIcon } from "@primer/octicons-react";
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
  const more = Object.entries(details).map(([name, value]) => `${name}: ${String(value)}`);
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
          <Foreign text={more.join(", ")} />
        </span>
      )}
      <span className={styles.when}>
        <Time at={at} />
      </span>
    </div>
  );
}
