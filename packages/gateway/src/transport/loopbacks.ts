/** A client may take either for `localhost`. */
export const LOOPBACKS = ['127.0.0.1', '::1'] as const;

/** What a machine says that has no such address. */
const NO_SUCH_ADDRESS: readonly string[] = ['EADDRNOTAVAIL', 'EAFNOSUPPORT'];

/** False where the machine has no such address. */
export async function isThere(listened: Promise<void>): Promise<boolean> {
  try {
    await listened;
    return true;
  } catch (error) {
    if (NO_SUCH_ADDRESS.includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
