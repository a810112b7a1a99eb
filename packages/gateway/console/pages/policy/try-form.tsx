import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { CallRequest, ToolList, TryAnswer } from '../../../src/console/api.ts';
import { ApiFailure, request } from '../../api/request.ts';
import { useResource } from '../../api/resource.ts';
import { ActionButton } from '../../parts/action-button.tsx';
import { AnswerView } from '../../parts/answer-view.tsx';
import { Card } from '../../parts/card.tsx';
import { DecisionView } from '../../parts/decision-view.tsx';
import { Problem } from '../../parts/problem.tsx';
import { whyNotOperator } from '../../roles.ts';
import { isObject } from '../../schema/json-schema.ts';
import { readJson } from '../../schema/read-json.ts';

interface Row {
  readonly key: number;
  readonly tool: string;
  readonly json: string;
}

/** As many as the gateway takes in one session. */
const MOST = 20;

/** Makes calls one after another in one session and shows what the monitor decided of each. */
export function TryForm(): JSX.Element {
  const tools = useResource<ToolList>('tools');
  const rows = useSignal<readonly Row[]>([{ key: 0, tool: '', json: '{}' }]);
  const next = useRef(1);
  const problem = useSignal<{ readonly key: number; readonly message: string } | undefined>(undefined);
  const answer = useSignal<TryAnswer | undefined>(undefined);
  const failure = useSignal<ApiFailure | undefined>(undefined);
  const isRunning = useSignal(false);

  const change = (key: number, part: Partial<Row>): void => {
    rows.value = rows.value.map((row) => (row.key === key ? { ...row, ...part } : row));
  };
  const run = async (): Promise<void> => {
    const calls: CallRequest[] = [];
    problem.value = undefined;
    for (const { key, tool, json } of rows.value) {
      const read = readCall(tool, json);
      if (typeof read === 'string') {
        problem.value = { key, message: read };
        document.getElementById(`${tool === '' ? 'try-tool' : 'try-json'}-${key}`)?.focus();
        return;
      }
      calls.push(read);
    }
    isRunning.value = true;
    try {
      answer.value = await request<TryAnswer>('policy/try', { method: 'POST', body: { calls } });
      failure.value = undefined;
    } catch (error) {
      failure.value =
        error instanceof ApiFailure ? error : new ApiFailure({ code: 'UNEXPECTED', message: String(error) });
    }
    isRunning.value = false;
  };
  return (
    <Card title="Try">
      <p class="muted">
        The calls are made one after another in one session of their own, and they are real: what the monitor allows,
        the server carries out. Labels that one call brings hold in the next.
      </p>
      <form
        class="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!isRunning.value) void run();
        }}
      >
        <datalist id="try-tools">
          {tools.value.value?.tools.map(({ name }) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        {rows.value.map((row, index) => (
          <fieldset key={row.key} class="field">
            <legend>Call {index + 1}</legend>
            <div class="group">
              <div class="field">
                <label for={`try-tool-${row.key}`}>Tool</label>
                <input
                  id={`try-tool-${row.key}`}
                  class="input mono"
                  list="try-tools"
                  autocomplete="off"
                  spellcheck={false}
                  value={row.tool}
                  onInput={({ currentTarget }) => change(row.key, { tool: currentTarget.value })}
                />
              </div>
              <div class="field">
                <label for={`try-json-${row.key}`}>Arguments as JSON</label>
                <textarea
                  id={`try-json-${row.key}`}
                  class="area code"
                  rows={3}
                  spellcheck={false}
                  value={row.json}
                  onInput={({ currentTarget }) => change(row.key, { json: currentTarget.value })}
                />
              </div>
              {problem.value?.key === row.key && (
                <span class="field-problem" role="alert">
                  {problem.value.message}
                </span>
              )}
              {rows.value.length > 1 && (
                <div>
                  <button
                    type="button"
                    class="button quiet"
                    aria-label={`Remove call ${index + 1}`}
                    onClick={() => {
                      rows.value = rows.value.filter(({ key }) => key !== row.key);
                    }}
                  >
                    Remove
                  </button>
                </div>
              )}
            </div>
          </fieldset>
        ))}
        <div class="actions">
          <ActionButton
            label={isRunning.value ? 'Calling…' : 'Make the calls'}
            kind="primary"
            why={whyNotOperator()}
            isBusy={isRunning.value}
            isSubmit
          />
          <ActionButton
            label="Add a call"
            why={rows.value.length >= MOST ? `At most ${MOST} calls are made in one session.` : undefined}
            onPress={() => {
              rows.value = [...rows.value, { key: next.current++, tool: '', json: '{}' }];
            }}
          />
        </div>
      </form>
      {failure.value && <Problem title={failure.value.message} remedy={failure.value.remedy} />}
      {answer.value && <Answers of={answer.value} />}
    </Card>
  );
}

function Answers({ of: { calls } }: { readonly of: TryAnswer }): JSX.Element {
  return (
    <ol class="form">
      {calls.map((call, index) => (
        <li key={index} class="form">
          <AnswerView of={call} title={`Call ${index + 1}: ${call.tool}`} />
          {call.decision ? (
            <DecisionView of={call.decision} />
          ) : (
            <p class="muted">Nothing stands before this server: no guard, no policy, no call limit.</p>
          )}
          {call.frames.map((frame) => (
            <DecisionView key={frame.id} of={frame} />
          ))}
        </li>
      ))}
    </ol>
  );
}

function readCall(tool: string, json: string): CallRequest | string {
  if (tool.trim() === '') return 'Name a tool.';
  const read = readJson(json.trim() === '' ? '{}' : json);
  if ('problem' in read) return read.problem;
  return isObject(read.value)
    ? { tool: tool.trim(), arguments: read.value }
    : 'Arguments are an object, such as {"name": "value"}.';
}
