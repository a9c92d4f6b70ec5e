/** So many rows a key scrolls in what lies over the panes; null: it is no key for that. `page`: rows of a page. */
export function scrollKey(key: string, page: number): number | null {
  switch (key) {
    case "up":
    case "k":
      return -1;
    case "down":
    case "j":
      return 1;
    case "pageup":
    case "b":
      return -page;
    case "pagedown":
    case "space":
      return page;
    case "home":
    case "g":
      return -1000;
    case "end":
    case "G":
      return 1000;
    default:
      return null;
  }
}
