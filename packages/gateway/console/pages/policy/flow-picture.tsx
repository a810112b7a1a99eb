import type { JSX } from 'preact';
import type { MayWrite, Policy, Reading } from '../../../src/console/api.ts';
import { Card } from '../../parts/card.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Icon } from '../../parts/icon.tsx';
import { ScrollArea } from '../../parts/scroll-area.tsx';

const MARKS = {
  allowed: { icon: 'ok', class: 'yes', word: 'may write' },
  denied: { icon: 'bad', class: 'no', word: 'may not write' },
  asked: { icon: 'wait', class: '', word: 'the guard decides by what is written' },
} as const;

/** Rows that are drawn; a gateway with many readers has more labels than anybody reads. */
const DRAWN = 20;

/** Who may be written to after something was read: a row for each reading, a column for each server. */
export function FlowPicture({ of: { readings, servers } }: { readonly of: Policy }): JSX.Element {
  return (
    <Card title="Where data may go">
      {readings.length === 0 ? (
        <Empty title="Nothing labelled has been read yet">
          After a call through a guard, a row here says which servers the caller could still write to.
        </Empty>
      ) : (
        <>
          <ScrollArea label="Where data may go">
            <table class="flow">
              <caption class="visually-hidden">For each reading, which servers may be written to afterwards</caption>
              <thead>
                <tr>
                  <th scope="col">After reading</th>
                  {servers.map(({ name }) => (
                    <th key={name} scope="col">
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {readings.slice(0, DRAWN).map((reading) => (
                  <Row
                    key={`${reading.server} ${reading.tool} ${reading.secrecy.join()} ${reading.integrity.join()}`}
                    of={reading}
                    servers={servers.map(({ name }) => name)}
                  />
                ))}
              </tbody>
            </table>
          </ScrollArea>
          <ul class="key" aria-label="Signs">
            {Object.values(MARKS).map(({ icon, class: name, word }) => (
              <li key={word} class={name}>
                <Icon name={icon} /> {word}
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

function Row({ of, servers }: { readonly of: Reading; readonly servers: readonly string[] }): JSX.Element {
  const writes = new Map(of.writes.map((write) => [write.server, write]));
  return (
    <tr>
      <th scope="row">
        <span class="wrap">{of.server}</span>
        <div class="muted small wrap">{of.secrecy.length === 0 ? 'nothing secret' : of.secrecy.join(', ')}</div>
      </th>
      {servers.map((name) => (
        <Cell key={name} of={writes.get(name)} />
      ))}
    </tr>
  );
}

function Cell({ of }: { readonly of: MayWrite | undefined }): JSX.Element {
  if (of === undefined) return <td>–</td>;
  const { icon, class: name, word } = MARKS[of.verdict];
  const why = of.secrecy.length > 0 ? `: it may not hold ${of.secrecy.join(', ')}` : '';
  return (
    <td class={name} title={`${word}${why}`}>
      <Icon name={icon} />
      <span class="visually-hidden">{`${word}${why}`}</span>
    </td>
  );
}
