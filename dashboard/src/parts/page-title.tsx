/** The heading of a page, and what its tab is called. */
import { type ReactNode, useEffect } from "react";
import styles from "./page-title.module.css";

interface PageTitleProps {
  /** For the tab. */
  name: string;
  children?: ReactNode;
  /** What stands below the heading. */
  about?: ReactNode;
  actions?: ReactNode;
}

export function PageTitle({ name, children = name, about, actions }: PageTitleProps) {
  useEffect(() => {
    document.title = `${name} · Longshore`;
  }, [name]);
  return (
    <div className={styles.head}>
      <div className={styles.text}>
        <h1 className={styles.title}>{children}</h1>
        {about && <div className={styles.about}>{about}</div>}
      </div>
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
