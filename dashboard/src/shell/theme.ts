/** Light or dark: what the system says, unless somebody has chosen here. */
import { useState } from "react";

export type Theme = "auto" | "light" | "dark";

const KEY = "longshore-theme";

/** What was chosen in this browser. Where nothing can be kept, nothing was chosen. */
export function savedTheme(): Theme {
  try {
    const saved = localStorage.getItem(KEY);
    return saved === "light" || saved === "dark" ? saved : "auto";
  } catch {
    return "auto";
  }
}

export function applyTheme(theme: Theme): void {
  const { dataset, style } = document.documentElement;
  dataset.colorMode = theme;
  style.colorScheme = theme === "auto" ? "light dark" : theme;
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(savedTheme);
  return [
    theme,
    (chosen) => {
      try {
        localStorage.setItem(KEY, chosen);
      } catch {
        // It holds until the page is loaded anew.
      }
      applyTheme(chosen);
      setTheme(chosen);
    },
  ];
}
