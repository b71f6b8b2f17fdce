/** What belongs to the person: the look, the keys, the way out. */
import { PersonIcon } from "@primer/octicons-react";
import { ActionList, ActionMenu, IconButton } from "@primer/react";
import { useSession, useSignOut } from "../api/session.ts";
import { type Theme, useTheme } from "./theme.ts";

const THEMES: [theme: Theme, name: string][] = [
  ["auto", "As the system"],
  ["light", "Light"],
  ["dark", "Dark"],
];

export function Menu({ showKeys }: { showKeys: () => void }) {
  const { data: session } = useSession();
  const signOut = useSignOut();
  const [theme, setTheme] = useTheme();
  return (
    <ActionMenu>
      <ActionMenu.Anchor>
        <IconButton icon={PersonIcon} aria-label="Account and appearance" />
      </ActionMenu.Anchor>
      <ActionMenu.Overlay align="end">
        <ActionList>
          <ActionList.Group>
            <ActionList.GroupHeading>
              {session?.name} ({session?.role})
            </ActionList.GroupHeading>
            <ActionList.Item onSelect={showKeys}>
              Keyboard shortcuts
              <ActionList.TrailingVisual>?</ActionList.TrailingVisual>
            </ActionList.Item>
            <ActionList.Item onSelect={() => signOut.mutate()}>Sign out</ActionList.Item>
          </ActionList.Group>
          <ActionList.Group selectionVariant="single">
            <ActionList.GroupHeading>Appearance</ActionList.GroupHeading>
            {THEMES.map(([value, name]) => (
              <ActionList.Item key={value} selected={theme === value} onSelect={() => setTheme(value)}>
                {name}
              </ActionList.Item>
            ))}
          </ActionList.Group>
        </ActionList>
      </ActionMenu.Overlay>
    </ActionMenu>
  );
}
