/** A hook that is no file yet: written and tried here, then copied. */
import { PageTitle } from "../../parts/page-title.tsx";
import { TryPanel } from "./try-panel.tsx";

export default function Try() {
  return (
    <>
      <PageTitle name="Try a hook" about="What it would say of a delivery. Nothing runs." />
      <TryPanel />
    </>
  );
}
