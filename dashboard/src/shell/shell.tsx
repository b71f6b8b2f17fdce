/** The frame around every page: header, navigation, keys. */
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { Header } from "./header.tsx";
import { moveInList } from "./move-in-list.ts";
import { Navigation } from "./navigation.tsx";
import styles from "./shell.module.css";
import { useKeys } from "./use-keys.ts";

const KeysDialog = lazy(() =>
  import("./keys-dialog.tsx").then(({ KeysDialog: Shown }) => ({ default: Shown })),
);

export function Shell({ children }: { children: ReactNode }) {
  const [location, navigate] = useLocation();
  const [showsKeys, setShowsKeys] = useState(false);
  const main = useRef<HTMLElement>(null);
  const first = useRef(location);
  useKeys({
    "?": () => setShowsKeys(true),
    "/": () => document.getElementById("search")?.focus(),
    "g o": () => navigate("/"),
    "g d": () => navigate("/deliveries"),
    "g r": () => navigate("/runs"),
    "g h": () => navigate("/hooks"),
    "g s": () => navigate("/system"),
    j: () => moveInList(1),
    k: () => moveInList(-1),
    f: () => document.querySelector<HTMLElement>("[data-filters] input, [data-filters] select")?.focus(),
  });
  // Who cannot see that another page is there hears it, and goes on from its beginning.
  useEffect(() => {
    if (first.current === location) return;
    first.current = location;
    main.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [location]);
  return (
    <>
      <button type="button" className={styles.skip} onClick={() => main.current?.focus()}>
        Skip to content
      </button>
      <Header showKeys={() => setShowsKeys(true)} />
      <Navigation />
      <main id="main" ref={main} tabIndex={-1} className={styles.main}>
        {children}
      </main>
      {showsKeys && (
        <Suspense>
          <KeysDialog onClose={() => setShowsKeys(false)} />
        </Suspense>
      )}
    </>
  );
}
