import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { Configuration, ConfigurationApplied, ConfigurationVerdict } from '../../../src/console/api.ts';
import { ApiFailure, request } from '../../api/request.ts';
import { counted } from '../../figures.ts';
import { tell } from '../../notices.ts';
import { ActionButton } from '../../parts/action-button.tsx';
import { Card } from '../../parts/card.tsx';
import { confirm } from '../../parts/confirm.tsx';
import { DiffView } from '../../parts/diff-view.tsx';
import { Problem } from '../../parts/problem.tsx';
import { Differences } from './differences.tsx';
import { Problems } from './problems.tsx';

interface EditorProps {
  readonly of: Configuration;
  /** The file as it was when the page was opened. */
  readonly text: string;
  readonly onApplied: () => void;
}

/** Another text for the file: checked first, then shown as a difference, then applied. */
export function Editor({ of, text, onApplied }: EditorProps): JSX.Element {
  const draft = useSignal(text);
  /** What the gateway said, and of which text. */
  const checked = useSignal<{ readonly text: string; readonly verdict: ConfigurationVerdict } | undefined>(undefined);
  const failure = useSignal<ApiFailure | undefined>(undefined);
  const isBusy = useSignal(false);
  const area = useRef<HTMLTextAreaElement>(null);

  const during = async (work: () => Promise<void>): Promise<void> => {
    if (isBusy.value) return;
    isBusy.value = true;
    try {
      await work();
      failure.value = undefined;
    } catch (error) {
      failure.value =
        error instanceof ApiFailure ? error : new ApiFailure({ code: 'UNEXPECTED', message: String(error) });
    }
    isBusy.value = false;
  };
  const check = (): Promise<void> =>
    during(async () => {
      const asked = draft.value;
      const verdict = await request<ConfigurationVerdict>('configuration/check', {
        method: 'POST',
        body: { text: asked },
      });
      checked.value = { text: asked, verdict };
      tell(verdict.isUsable ? 'The text can be used.' : `${counted(verdict.problems.length, 'problem')} in the text.`);
    });
  const apply = async (): Promise<void> => {
    const question = `The file ${of.source} is written, with a copy of what it was beside it, and what it changes is applied to what runs.`;
    if (!(await confirm('Apply this configuration?', question, 'Apply'))) return;
    await during(async () => {
      const body = { text: draft.value, revision: of.revision ?? '' };
      const { isApplied, backup } = await request<ConfigurationApplied>('configuration', { method: 'PUT', body });
      if (isApplied) tell(`Applied. The file as it was lies at ${backup}.`);
      else tell('It could not be applied; what was served before stays.', 'bad');
      onApplied();
    });
  };
  const go = (line: number, column: number): void => {
    const before = draft.value.split('\n').slice(0, line - 1);
    const at = before.reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
    area.current?.focus();
    area.current?.setSelectionRange(at, at + 1);
  };

  const current = checked.value?.text === draft.value ? checked.value.verdict : undefined;
  const whyNotApply =
    draft.value === text
      ? 'Nothing is changed yet.'
      : current === undefined
        ? 'Check the text first.'
        : current.isUsable
          ? undefined
          : 'Mend what is wrong with it first.';
  return (
    <Card title="Change it">
      <div class="field">
        <label for="configuration-text">{`Text of the file (${of.format === 'yaml' ? 'YAML' : 'JSON, with comments'})`}</label>
        <textarea
          ref={area}
          id="configuration-text"
          class="area code"
          rows={18}
          spellcheck={false}
          autocomplete="off"
          aria-describedby="configuration-hint"
          value={draft.value}
          onInput={({ currentTarget }) => {
            draft.value = currentTarget.value;
          }}
        />
        <span id="configuration-hint" class="hint">
          Secrets that stand in the file are shown as “&lt;&lt;secret 1&gt;&gt;” and stay what they are.
        </span>
      </div>
      <div class="actions">
        <ActionButton
          label="Check and show the difference"
          kind={current ? undefined : 'primary'}
          isBusy={isBusy.value}
          onPress={() => void check()}
        />
        <ActionButton
          label="Apply…"
          kind={current?.isUsable ? 'primary' : undefined}
          why={whyNotApply}
          isBusy={isBusy.value}
          onPress={() => void apply()}
        />
        <button
          type="button"
          class="button quiet"
          onClick={() => {
            draft.value = text;
            checked.value = undefined;
          }}
        >
          Back to the file
        </button>
      </div>
      {failure.value && <Problem title={failure.value.message} remedy={failure.value.remedy} />}
      {current && <Verdict of={current} before={text} after={draft.value} onGo={go} />}
    </Card>
  );
}

function Verdict({
  of,
  before,
  after,
  onGo,
}: {
  readonly of: ConfigurationVerdict;
  readonly before: string;
  readonly after: string;
  readonly onGo: (line: number, column: number) => void;
}): JSX.Element {
  return (
    <>
      {of.problems.length > 0 && <Problems of={of.problems} onGo={onGo} />}
      {of.notes.map((note) => (
        <Problem key={note} tone="note" title="Note" remedy={note} />
      ))}
      <h3>The text</h3>
      <DiffView label="What differs in the text" before={before} after={after} />
      {of.isUsable && (
        <>
          <h3>What runs</h3>
          <Differences of={of.difference} />
        </>
      )}
      {of.waitsForRestart.length > 0 && (
        <Problem tone="warn" title={`Needs a restart of the gateway: ${of.waitsForRestart.join(', ')}`} />
      )}
    </>
  );
}
