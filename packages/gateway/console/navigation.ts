import { signal } from '@preact/signals';
import { linkTo, type PageName, parseRoute, type Route } from './route.ts';

/** Where the reader is. */
export const route = signal<Route>(parseRoute(location.hash));

window.addEventListener('hashchange', readRoute);

/** Reads the address again, which was changed without a step in the history. */
export function readRoute(): void {
  route.value = parseRoute(location.hash);
}

/** Keeps filters in the address without a step in the history for each letter typed. */
export function replaceFilters(page: PageName, detail: string | undefined, filters: Record<string, string>): void {
  history.replaceState(null, '', linkTo(page, detail, filters));
  readRoute();
}
