/** The five places of the app. */
import { GearIcon, HomeIcon, InboxIcon, PlayIcon, WebhookIcon } from "@primer/octicons-react";
import { UnderlineNav } from "@primer/react";
import { Link, useLocation } from "wouter";
import styles from "./navigation.module.css";

const PLACES = [
  { path: "/", name: "Overview", icon: <HomeIcon /> },
  { path: "/deliveries", name: "Deliveries", icon: <InboxIcon /> },
  { path: "/runs", name: "Runs", icon: <PlayIcon /> },
  { path: "/hooks", name: "Hooks", icon: <WebhookIcon /> },
  { path: "/system", name: "System", icon: <GearIcon /> },
];

export function Navigation() {
  const [location] = useLocation();
  return (
    <UnderlineNav aria-label="Main" className={styles.navigation} hideIconsBreakpoint="medium">
      {PLACES.map(({ path, name, icon }) => (
        <UnderlineNav.Item
          key={path}
          as={Link}
          href={path}
          leadingVisual={icon}
          aria-current={isAt(location, path) ? "page" : undefined}
        >
          {name}
        </UnderlineNav.Item>
      ))}
    </UnderlineNav>
  );
}

function isAt(location: string, path: string): boolean {
  return path === "/" ? location === "/" : location === path || location.startsWith(`${path}/`);
}
