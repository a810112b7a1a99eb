import { signal } from '@preact/signals';

/** Milliseconds since 1970 by the gateway's clock, once a second, for everything that says how long ago something was. */
export const now = signal(Date.now());

/** How far this machine's clock is behind the gateway's. */
let behindMs = 0;

setInterval(() => {
  if (!document.hidden) now.value = Date.now() + behindMs;
}, 1_000);

/** Takes over the gateway's clock where it differs by more than the way of an answer explains. */
export function setGatewayTime(time: number): void {
  const difference = time - Date.now();
  behindMs = Math.abs(difference) > 5_000 ? difference : 0;
  now.value = Date.now() + behindMs;
}
