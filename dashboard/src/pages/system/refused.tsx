/** The last requests that were refused: what each means, and what would admit it. */
import { ShieldCheckIcon } from "@primer/octicons-react";
import { Label } from "@primer/react";
import { useSourceNames } from "../../api/names.ts";
import type { Refusal } from "../../api/types.ts";
import { Empty } from "../../parts/empty.tsx";
import { FilterBar } from "../../parts/filter-bar.tsx";
import { PagedList } from "../../parts/list.tsx";
import { Foreign, Sentence } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { useFilters } from "../../parts/use-filters.ts";
import { useList } from "../../parts/use-list.ts";
import styles from "./refused.module.css";
import { LOOK_EVERY_MS } from "./use-system.ts";

const CODES = [
  "address_not_allowed",
  "sender_hidden",
  "header_invalid",
  "signature_missing",
  "signature_malformed",
  "signature_unsupported",
  "signature_mismatch",
  "body_too_large",
  "body_timeout",
  "body_invalid",
  "unsupported_media_type",
  "overloaded",
  "store_unavailable",
];

export function Refused() {
  const filters = useFilters(["source", "code"]);
  const { source, code } = filters.query;
  const list = useList<Refusal>("refusals", { source, code }, LOOK_EVERY_MS);
  return (
    <>
      <FilterBar
        filters={filters}
        hasTime={false}
        fields={[
          { kind: "choice", name: "source", label: "Source", choices: useSourceNames() },
          { kind: "choice", name: "code", label: "Code", choices: CODES },
        ]}
      />
      <PagedList label="Refused requests" list={list} empty={<None isFiltered={filters.count > 0} />}>
        {(refusal) => <Shown refusal={refusal} />}
      </PagedList>
    </>
  );
}

function None({ isFiltered }: { isFiltered: boolean }) {
  return (
    <Empty icon={ShieldCheckIcon} title={isFiltered ? "No refused request fits" : "Nothing has been refused"}>
      The last 1,000 are kept, without their bodies.
    </Empty>
  );
}

function Shown({ refusal }: { refusal: Refusal }) {
  const { at, source, code, peer, event, guid, webhookId, means, remedy } = refusal;
  return (
    <div className={styles.refusal}>
      <div className={styles.head}>
        <Label variant="danger">{code}</Label>
        <span>
          from <code>{peer ?? "an unknown address"}</code>
          {source !== null && (
            <>
              {" "}
              to <Foreign text={source} />
            </>
          )}
        </span>
        <span className={styles.when}>
          <Time at={at} />
        </span>
      </div>
      {means !== null && (
        <p>
          <Sentence text={means} />
        </p>
      )}
      {remedy !== null && (
        <p className={styles.remedy}>
          <Sentence text={remedy} />
        </p>
      )}
      {(event ?? guid ?? webhookId) !== null && (
        <p className={styles.claims}>
          It claims, unverified: {event !== null && <Foreign text={event} />}{" "}
          {guid !== null && <Foreign text={guid} />}{" "}
          {webhookId !== null && <Foreign text={`webhook ${webhookId}`} />}
        </p>
      )}
    </div>
  );
}
