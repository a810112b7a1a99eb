import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { CallAnswer } from '../../src/console/api.ts';
import { milliseconds } from '../figures.ts';
import { linkTo } from '../route.ts';
import { isObject } from '../schema/json-schema.ts';
import { Card } from './card.tsx';
import { ContentView } from './content-view.tsx';
import { CopyButton } from './copy-button.tsx';
import { JsonText } from './json-text.tsx';
import { Problem } from './problem.tsx';
import { StateBadge } from './state-badge.tsx';

/** What came of a call: its content as it is meant to be seen, and the whole as JSON one press away. */
export function AnswerView({
  of,
  title = 'Result',
}: {
  readonly of: CallAnswer;
  readonly title?: string;
}): JSX.Element {
  const isRaw = useSignal(false);
  const { result, error, durationMs, call } = of;
  const isBad = error !== undefined || result?.isError === true;
  return (
    <Card
      title={title}
      beside={
        <div class="actions">
          <StateBadge tone={isBad ? 'bad' : 'ok'} word={isBad ? 'error' : 'answered'} />
          <span class="muted">{milliseconds(durationMs)}</span>
          {call !== undefined && <a href={linkTo('calls', call)}>Its phases</a>}
        </div>
      }
    >
      {isRaw.value ? <JsonText label={`${title} as JSON`} value={result ?? { error }} /> : <Rendered of={of} />}
      <div class="actions">
        <button
          type="button"
          class="button"
          aria-pressed={isRaw.value}
          onClick={() => {
            isRaw.value = !isRaw.value;
          }}
        >
          JSON
        </button>
        <CopyButton label="Copy JSON" text={() => JSON.stringify(result ?? { error }, null, 2)} />
      </div>
    </Card>
  );
}

function Rendered({ of: { result, error } }: { readonly of: CallAnswer }): JSX.Element {
  if (error)
    return (
      <Problem title={error.message} remedy={`Error ${error.code} of the protocol; the tool was not answered for.`} />
    );
  const content = Array.isArray(result?.content) ? result.content : [];
  const structured = result?.structuredContent;
  return (
    <>
      {result?.isError === true && <Problem title="The tool says that it failed." tone="bad" />}
      {content.map((block, index) => (
        <ContentView key={index} of={isObject(block) ? block : {}} />
      ))}
      {structured !== undefined && (
        <>
          <h3>Structured result</h3>
          <JsonText label="Structured result" value={structured} />
        </>
      )}
      {content.length === 0 && structured === undefined && <p class="muted">The answer has no content.</p>}
    </>
  );
}
