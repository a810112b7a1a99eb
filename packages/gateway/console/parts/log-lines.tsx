import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Moment } from './moment.tsx';
import { ScrollArea } from './scroll-area.tsx';

export interface ShownLine {
  readonly key: string | number;
  readonly time: number;
  readonly text: string;
  readonly isBad?: boolean;
}

/** Lines as they were written, the newest below. It stays at the end while the reader is there, and where they are otherwise. */
export function LogLines({ label, of }: { readonly label: string; readonly of: readonly ShownLine[] }): JSX.Element {
  const end = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    const box = end.current?.parentElement;
    if (!box) return;
    const note = (): void => {
      isAtEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < 24;
    };
    box.addEventListener('scroll', note);
    return () => box.removeEventListener('scroll', note);
  }, []);
  useEffect(() => {
    const box = end.current?.parentElement;
    if (box && isAtEnd.current) box.scrollTop = box.scrollHeight;
  }, [of]);
  return (
    <ScrollArea label={label} class="lines">
      {of.map(({ key, time, text, isBad }) => (
        <div key={key}>
          <span class="muted">
            <Moment at={time} />
          </span>{' '}
          <span class={isBad ? 'field-problem' : undefined}>{text}</span>
        </div>
      ))}
      <div ref={end} />
    </ScrollArea>
  );
}
