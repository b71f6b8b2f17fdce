/** Addresses that lead nowhere. */
import { Link } from "wouter";
import { Empty } from "../parts/empty.tsx";

export function NotFound() {
  return (
    <Empty title="There is no such page">
      The address may have a typing mistake. <Link href="/">The overview</Link> leads everywhere.
    </Empty>
  );
}
