import type { JSX } from 'preact';
import { counted } from '../figures.ts';
import { type DiffLine, lineDiff } from '../line-diff.ts';
import { ScrollArea } from './scroll-area.tsx';

/** What differs between two texts: removed and added lines, with a sign and a colour. */
export function DiffView({
  label,
  before,
  after,
}: {
  readonly label: string;
  readonly before: string;
  readonly after: string;
}): JSX.Element {
  const lines = lineDiff(before, after);
  if (lines.length === 0) return <p class="muted">The text is as it was.</p>;
  return (
    <ScrollArea label={label} class="diff">
      <table>
        <thead class="visually-hidden">
          <tr>
            <th scope="col">Line before</th>
            <th scope="col">Line after</th>
            <th scope="col">Change</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line, index) => (
            <Line key={index} of={line} />
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}

function Line({ of }: { readonly of: DiffLine }): JSX.Element {
  switch (of.kind) {
    case 'skipped':
      return (
        <tr class="skipped">
          <td />
          <td />
          <td>{`… ${counted(of.count, 'line')} unchanged`}</td>
        </tr>
      );
    case 'same':
      return (
        <tr>
          <td>{of.before}</td>
          <td>{of.after}</td>
          <td>{`  ${of.text}`}</td>
        </tr>
      );
    case 'removed':
      return (
        <tr class="removed">
          <td>{of.before}</td>
          <td />
          <td>{`- ${of.text}`}</td>
        </tr>
      );
    case 'added':
      return (
        <tr class="added">
          <td />
          <td>{of.after}</td>
          <td>{`+ ${of.text}`}</td>
        </tr>
      );
    default:
      return of satisfies never;
  }
}
