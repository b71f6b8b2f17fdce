/** `j` and `k`: from one row of a list to the next. A row is what carries `data-row`: its main link. */

export function moveInList(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-row]")];
  const current = rows.indexOf(document.activeElement as HTMLElement);
  const next = current === -1 ? (by === 1 ? 0 : rows.length - 1) : current + by;
  const row = rows[next];
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
}
