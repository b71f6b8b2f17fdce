/** What came in, the newest first. */
import { InboxIcon } from "@primer/octicons-react";
import { Button } from "@primer/react";
import { Link } from "wouter";
import { useHookNames, useSourceNames } from "../../api/names.ts";
import { type DeliveryOfList, STATUSES } from "../../api/types.ts";
import { DeliveryRow } from "../../parts/delivery-row.tsx";
import { Empty } from "../../parts/empty.tsx";
import { EVENTS } from "../../parts/events.ts";
import { type Field, FilterBar } from "../../parts/filter-bar.tsx";
import { PagedList } from "../../parts/list.tsx";
import { PageTitle } from "../../parts/page-title.tsx";
import { useFilters } from "../../parts/use-filters.ts";
import { useList } from "../../parts/use-list.ts";

const NAMES = ["source", "event", "action", "repo", "ref", "sender", "hook", "status"];

const OUTCOMES = [...STATUSES, ["none", "no hook matched"], ["replayed", "held back"]] as const;

export default function Deliveries() {
  const filters = useFilters(NAMES);
  const list = useList<DeliveryOfList>("deliveries", filters.query);
  const fields: Field[] = [
    { kind: "choice", name: "source", label: "Source", choices: useSourceNames() },
    { kind: "text", name: "event", label: "Event", suggestions: EVENTS },
    { kind: "text", name: "action", label: "Action" },
    { kind: "text", name: "repo", label: "Repository" },
    { kind: "text", name: "ref", label: "Branch or tag" },
    { kind: "text", name: "sender", label: "Sender" },
    { kind: "choice", name: "hook", label: "Hook", choices: useHookNames() },
    { kind: "choice", name: "status", label: "Outcome", choices: OUTCOMES },
  ];
  return (
    <>
      <PageTitle name="Deliveries" />
      <FilterBar fields={fields} filters={filters} />
      <PagedList
        label="Deliveries"
        list={list}
        empty={<None isFiltered={filters.count > 0} clear={filters.clear} />}
      >
        {(delivery) => <DeliveryRow delivery={delivery} />}
      </PagedList>
    </>
  );
}

function None({ isFiltered, clear }: { isFiltered: boolean; clear: () => void }) {
  if (isFiltered)
    return (
      <Empty icon={InboxIcon} title="No delivery fits">
        <Button onClick={clear}>Clear the filters</Button>
      </Empty>
    );
  return (
    <Empty icon={InboxIcon} title="Nothing has arrived yet">
      <Link href="/">The overview</Link> says what is left to do. What was refused stands under{" "}
      <Link href="/system/refused">System</Link>. A sample comes with <code>npx longshore send push</code>.
    </Empty>
  );
}
