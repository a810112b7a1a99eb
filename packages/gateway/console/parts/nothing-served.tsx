import type { JSX } from 'preact';
import { Empty } from './empty.tsx';

/** A gateway without servers: where they come from. */
export function NothingServed({ by }: { readonly by: string | undefined }): JSX.Element {
  return (
    <Empty title="Nothing is served yet">
      Take over the servers of a client with <code>lockgate import</code>, or name one under “mcpServers” in{' '}
      <code class="wrap">{by ?? 'lockgate.json'}</code>. It shows here as soon as the file is saved.
    </Empty>
  );
}
