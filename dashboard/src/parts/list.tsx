/** A list in a box: a heading, rows that are links, and the way to more of them. */
import { Button } from "@primer/react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { visibleLine } from "../../../src/lib/visible.ts";
import { Failure } from "./failure.tsx";
import styles from "./list.module.css";
import { Loading } from "./loading.tsx";
import { Foreign } from "./text.tsx";
import type { useList } from "./use-list.ts";

interface PagedListProps<T> {
  label: string;
  list: Omit<ReturnType<typeof useList<T>>, "data">;
  empty: ReactNode;
  children: (item: T) => ReactNode;
}

export function PagedList<T extends { id: number }>({ label, list, empty, children }: PagedListProps<T>) {
  const { items, isPending, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = list;
  if (isPending) return <Loading />;
  if (error && items.length === 0) return <Failure error={error} retry={refetch} />;
  return (
    <>
      <Rows label={label}>
        {items.length > 0 ? items.map((item) => <li key={item.id}>{children(item)}</li>) : <li>{empty}</li>}
      </Rows>
      {hasNextPage && (
        <div className={styles.more}>
          <Button onClick={() => void fetchNextPage()} loading={isFetchingNextPage}>
            Show older ones
          </Button>
        </div>
      )}
    </>
  );
}

export function Rows({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul className={styles.rows} aria-label={label}>
      {children}
    </ul>
  );
}

interface RowProps {
  icon: ReactNode;
  href: string;
  title: ReactNode;
  meta?: ReactNode;
  /** What stands in the middle, where there is room. */
  labels?: ReactNode;
  /** What stands at the right. */
  end?: ReactNode;
}

export function Row({ icon, href, title, meta, labels, end }: RowProps) {
  return (
    <div className={styles.row}>
      <div className={styles.icon}>{icon}</div>
      <div className={styles.text}>
        <Link href={href} className={styles.title} data-row>
          {title}
        </Link>
        {meta && <div className={styles.meta}>{meta}</div>}
      </div>
      {labels && <div className={styles.labels}>{labels}</div>}
      {end && <div className={styles.end}>{end}</div>}
    </div>
  );
}

/** A branch or a tag, by its short name. */
export function Ref({ name }: { name: string }) {
  return (
    <span className={styles.ref} title={visibleLine(name)}>
      <Foreign text={name.replace(/^refs\/(heads|tags)\//, "")} />
    </span>
  );
}
