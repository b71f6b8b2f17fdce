/** While something is on its way. Shown only when that takes a moment, so that fast answers do not flicker. */
import { Spinner } from "@primer/react";
import styles from "./loading.module.css";

export function Loading() {
  return (
    <div className={styles.loading}>
      <Spinner srText="Loading" />
    </div>
  );
}
