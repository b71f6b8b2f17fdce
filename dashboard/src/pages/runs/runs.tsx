/** What the hooks did, the newest first. */
import { PlayIcon } from "@primer/octicons-react";
import { Button } from "@primer/react";
import { Link } from "wouter";
import { useHookNames, useSourceNames } from "../../api/names.ts";
import { type RunOfList, STATUSES } from "../../api/types.ts";
import { Empty } from "../../parts/empty.tsx";
import { EVENTS } from "../../parts/events.ts";
import { type Field, FilterBar } from "../../parts/filter-bar.tsx";
import { PagedList } from "../../parts/list.tsx";
import { PageTitle } from "../../parts/page-title.tsx";
import { RunRow } from "../../parts/run-row.tsx";
import { useFilters } from "../../parts/use-filters.ts";
import { useList } from "../../parts/use-list.ts";

const NAMES = ["status", "hook", "source", "event", "repo", "ref", "sender"];

export default function Runs() {
  const filters = useFilters(NAMES);
  const list = useList<RunOfList>("runs", filters.query);
  const fields: Field[] = [
    { kind: "choice", name: "status", label: "Status", choices: STATUSES },
    { kind: "choice", name: "hook", label: "Hook", choices: useHookNames() },
    { kind: "choice", name: "source", label: "Source", choices: useSourceNames() },
    { kind: "text", name: "event", label: "Event", suggestions: EVENTS },
    { kind: "text", name: "repo", label: "Repository" },
    { kind: "text", name: "ref", label: "Branch or tag" },
    { kind: "text", name: "sender", label: "Sender" },
  ];
  return (
    <>
      <PageTitle name="Runs" />
      <FilterBar fields={fields} filters={filters} />
      <PagedList
        label="Runs"
        list={list}
        empty={filters.count > 0 ? <NoneFits clear={filters.clear} /> : <None />}
      >
        {(run) => <RunRow run={run} />}
      </PagedList>
    </>
  );
}

function NoneFits({ clear }: { clear: () => void }) {
  return (
    <Empty icon={PlayIcon} title="No run fits">
      <Button onClick={clear}>Clear the filters</Button>
    </Empty>
  );
}

function None() {
  return (
    <Empty icon={PlayIcon} title="Nothing has run yet">
      A run begins when a <Link href="/deliveries">delivery</Link> matches a <Link href="/hooks">hook</Link>.
      By hand: <code>npx longshore run HOOK</code>.
    </Empty>
  );
}
