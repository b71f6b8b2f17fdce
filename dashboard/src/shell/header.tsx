/** The first line of every page: where one is, the search, how live it is, and who looks. */
import { SearchIcon } from "@primer/octicons-react";
import { TextInput } from "@primer/react";
import { type FormEvent, useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import { type LiveState, useLiveState } from "../api/live.ts";
import styles from "./header.module.css";
import { Menu } from "./menu.tsx";

const LIVE: Record<LiveState, string> = {
  connecting: "Connecting",
  live: "Live: what happens shows by itself",
  lost: "The connection is lost; trying again",
};

export function Header({ showKeys }: { showKeys: () => void }) {
  const live = useLiveState();
  return (
    <header className={styles.header}>
      <Link href="/" className={styles.name} aria-label="Longshore: overview">
        <img src="./icon.svg" alt="" width={28} height={28} />
        <span>Longshore</span>
      </Link>
      <Search />
      <span
        className={styles.live}
        data-state={live}
        role="status"
        title={LIVE[live]}
        aria-label={LIVE[live]}
      >
        {live === "lost" ? "Offline" : "Live"}
      </span>
      <Menu showKeys={showKeys} />
    </header>
  );
}

function Search() {
  const [location, navigate] = useLocation();
  const [parameters] = useSearchParams();
  const [text, setText] = useState(location === "/why" ? (parameters.get("what") ?? "") : "");
  const search = (event: FormEvent) => {
    event.preventDefault();
    const what = text.trim();
    if (what !== "") navigate(`/why?what=${encodeURIComponent(what)}`);
  };
  return (
    <search className={styles.search}>
      <form onSubmit={search}>
        <TextInput
          id="search"
          block
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") event.currentTarget.blur();
          }}
          leadingVisual={SearchIcon}
          trailingVisual={<kbd className={styles.hint}>/</kbd>}
          placeholder="GUID, commit, branch or repository"
          aria-label="Search by GUID, commit, branch or repository"
          autoComplete="off"
          spellCheck={false}
        />
      </form>
    </search>
  );
}
