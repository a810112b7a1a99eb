import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Access, AccessAnswer, AccessQuestion } from '../../../src/console/api.ts';
import { ApiFailure, request } from '../../api/request.ts';
import { ActionButton } from '../../parts/action-button.tsx';
import { Card } from '../../parts/card.tsx';
import { Problem } from '../../parts/problem.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';

const KINDS = ['tool', 'resource', 'prompt'] as const;

/** Asks whether somebody may use something, and shows what of the configuration says so. Nothing is called. */
export function MayForm({ of: { principals, profiles } }: { readonly of: Access }): JSX.Element {
  const asked = useSignal<Required<AccessQuestion>>({ principal: '', kind: 'tool', item: '', profile: '' });
  const answer = useSignal<AccessAnswer | undefined>(undefined);
  const failure = useSignal<ApiFailure | undefined>(undefined);
  const isAsking = useSignal(false);
  const change = (part: Partial<AccessQuestion>): void => {
    asked.value = { ...asked.value, ...part };
    answer.value = undefined;
  };
  const ask = async (): Promise<void> => {
    const { profile, ...question } = asked.value;
    isAsking.value = true;
    try {
      const body = { ...question, ...(profile !== '' && { profile }) };
      answer.value = await request<AccessAnswer>('access/explain', { method: 'POST', body });
      failure.value = undefined;
    } catch (error) {
      answer.value = undefined;
      failure.value =
        error instanceof ApiFailure ? error : new ApiFailure({ code: 'UNEXPECTED', message: String(error) });
    }
    isAsking.value = false;
  };
  return (
    <Card title="Who may use what?">
      <form
        class="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!isAsking.value) void ask();
        }}
      >
        <datalist id="may-principals">
          {principals.map(({ name, what }) => (
            <option key={name} value={name} label={what} />
          ))}
        </datalist>
        <div class="filters">
          <div class="field">
            <label for="may-principal">May</label>
            <input
              id="may-principal"
              class="input mono"
              list="may-principals"
              autocomplete="off"
              spellcheck={false}
              value={asked.value.principal}
              onInput={({ currentTarget }) => change({ principal: currentTarget.value })}
            />
          </div>
          <div class="field">
            <label for="may-kind">use the</label>
            <select
              id="may-kind"
              class="select"
              value={asked.value.kind}
              onChange={({ currentTarget }) =>
                change({ kind: KINDS.find((kind) => kind === currentTarget.value) ?? 'tool' })
              }
            >
              {KINDS.map((kind) => (
                <option key={kind} value={kind}>
                  {kind}
                </option>
              ))}
            </select>
          </div>
          <div class="field">
            <label for="may-item">named</label>
            <input
              id="may-item"
              class="input mono"
              placeholder="server/name"
              autocomplete="off"
              spellcheck={false}
              value={asked.value.item}
              onInput={({ currentTarget }) => change({ item: currentTarget.value })}
            />
          </div>
          {profiles.length > 0 && (
            <div class="field">
              <label for="may-profile">at the endpoint</label>
              <select
                id="may-profile"
                class="select"
                value={asked.value.profile}
                onChange={({ currentTarget }) => change({ profile: currentTarget.value })}
              >
                <option value="">of everything</option>
                {profiles.map(({ name }) => (
                  <option key={name} value={name}>
                    {`@${name}`}
                  </option>
                ))}
              </select>
            </div>
          )}
        </div>
        <div class="actions">
          <ActionButton label="Ask" kind="primary" isBusy={isAsking.value} isSubmit />
        </div>
      </form>
      {failure.value && <Problem title={failure.value.message} remedy={failure.value.remedy} />}
      <div role="status">{answer.value && <Answer of={answer.value} />}</div>
    </Card>
  );
}

function Answer({ of: { allowed, text, place, because } }: { readonly of: AccessAnswer }): JSX.Element {
  return (
    <>
      <p>
        <StateBadge tone={allowed ? 'ok' : 'bad'} word={allowed ? 'yes' : 'no'} /> {text}.
      </p>
      <p>
        {place !== undefined && <code>{place}</code>}
        {place !== undefined && ': '}
        {because}.
      </p>
    </>
  );
}
