import type { JSX } from 'preact';
import { Icon, type IconName } from './icon.tsx';

export type Tone = 'ok' | 'warn' | 'bad' | 'wait' | 'idle';

const CLASSES: Readonly<Record<Tone, string>> = { ok: 'ok', warn: 'warn', bad: 'bad', wait: 'warn', idle: '' };
const ICONS: Readonly<Record<Tone, IconName>> = { ok: 'ok', warn: 'warn', bad: 'bad', wait: 'wait', idle: 'idle' };

/** A state as a word, with a colour and a sign that say it once more. */
export function StateBadge({ tone, word }: { readonly tone: Tone; readonly word: string }): JSX.Element {
  return (
    <span class={`state ${CLASSES[tone]}`}>
      <Icon name={ICONS[tone]} />
      {word}
    </span>
  );
}
