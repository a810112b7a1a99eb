/** How long somebody may take to sign in at the provider, in milliseconds. */
export const PENDING_MS: number = 10 * 60_000;
