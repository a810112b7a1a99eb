/** Ends the guest's call because the host does not do what it was asked, where Extism has no other answer than a trap. */
export class HostRefusal extends Error {
  override readonly name = 'HostRefusal';
}
