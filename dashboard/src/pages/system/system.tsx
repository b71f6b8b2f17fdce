/** What Longshore itself is made of: sources, refused requests, nodes, tokens, and who changed what. */
import { LockIcon } from "@primer/octicons-react";
import { UnderlineNav } from "@primer/react";
import { lazy, Suspense } from "react";
import { Link } from "wouter";
import { useIsAdmin } from "../../api/session.ts";
import { Empty } from "../../parts/empty.tsx";
import { Loading } from "../../parts/loading.tsx";
import { PageTitle } from "../../parts/page-title.tsx";
import { NotFound } from "../../shell/not-found.tsx";
import { Nodes } from "./nodes.tsx";
import { Refused } from "./refused.tsx";
import { Sources } from "./sources.tsx";
import styles from "./system.module.css";

const Tokens = lazy(() => import("./tokens.tsx"));
const Audit = lazy(() => import("./audit.tsx"));

const PARTS = {
  sources: ["Sources", Sources],
  refused: ["Refused", Refused],
  nodes: ["Nodes", Nodes],
  tokens: ["Tokens", Tokens],
  audit: ["Audit", Audit],
} as const;

type PartName = keyof typeof PARTS;
const FOR_ADMINS: readonly PartName[] = ["tokens", "audit"];

export default function System({ part = "sources" }: { part?: string }) {
  const isAdmin = useIsAdmin();
  const shown = (Object.keys(PARTS) as PartName[]).filter((name) => isAdmin || !FOR_ADMINS.includes(name));
  const current = shown.find((name) => name === part);
  if (!current) return Object.hasOwn(PARTS, part) ? <ForAdmins /> : <NotFound />;
  const [name, Shown] = PARTS[current];
  return (
    <>
      <PageTitle name={`${name} · System`}>System</PageTitle>
      <UnderlineNav aria-label="System" variant="flush" className={styles.parts}>
        {shown.map((one) => (
          <UnderlineNav.Item
            key={one}
            as={Link}
            href={one === "sources" ? "/system" : `/system/${one}`}
            aria-current={one === current ? "page" : undefined}
          >
            {PARTS[one][0]}
          </UnderlineNav.Item>
        ))}
      </UnderlineNav>
      <Suspense fallback={<Loading />}>
        <Shown />
      </Suspense>
    </>
  );
}

function ForAdmins() {
  return (
    <Empty icon={LockIcon} title="An administrator is needed">
      Tokens, and who changed what, are shown to the role admin alone.{" "}
      <Link href="/system">The other parts</Link> are for all.
    </Empty>
  );
}
