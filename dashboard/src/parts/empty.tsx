/** What stands where there is nothing: why, and what to do. */

import type { Icon } from "@primer/octicons-react";
import { Blankslate } from "@primer/react/experimental";
import type { ReactNode } from "react";

interface EmptyProps {
  icon?: Icon;
  title: string;
  children: ReactNode;
}

export function Empty({ icon: Visual, title, children }: EmptyProps) {
  return (
    <Blankslate>
      {Visual && (
        <Blankslate.Visual>
          <Visual size="medium" />
        </Blankslate.Visual>
      )}
      <Blankslate.Heading>{title}</Blankslate.Heading>
      <Blankslate.Description>{children}</Blankslate.Description>
    </Blankslate>
  );
}
