export const PAGES = [
  'overview',
  'servers',
  'tools',
  'calls',
  'connections',
  'access',
  'policy',
  'pins',
  'approvals',
  'configuration',
] as const;

export type PageName = (typeof PAGES)[number];

/** What the fragment of the address names: a page, one thing on it, and filters. */
export interface Route {
  readonly page: PageName;
  /** A server, tool or call; undefined for the page as a whole. */
  readonly detail?: string;
  readonly filters: Readonly<Record<string, string>>;
}

/** Reads `#/calls/17?server=files`. What cannot be read leads to the overview. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [name = '', ...rest] = path.split('/');
  const page = PAGES.find((known) => known === name);
  if (page === undefined) return { page: 'overview', filters: {} };
  const detail = decoded(rest.join('/'));
  const filters = Object.fromEntries(new URLSearchParams(query));
  return detail === '' ? { page, filters } : { page, detail, filters };
}

/** The way back: the fragment that leads to a page. Filters that are empty are left out. */
export function linkTo(page: PageName, detail?: string, filters: Readonly<Record<string, string>> = {}): string {
  const given = Object.entries(filters).filter(([, value]) => value !== '');
  const query = given.length > 0 ? `?${new URLSearchParams(given)}` : '';
  return `#/${page}${detail === undefined ? '' : `/${encodeURIComponent(detail)}`}${query}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray percent sign
  }
}
