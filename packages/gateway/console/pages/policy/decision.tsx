import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useCallback, useEffect } from 'preact/hooks';
import type { ExplainedDecision } from '../../../src/console/api.ts';
import { ApiFailure, request } from '../../api/request.ts';
import { Card } from '../../parts/card.tsx';
import { DecisionView } from '../../parts/decision-view.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { Problem } from '../../parts/problem.tsx';
import { linkTo } from '../../route.ts';

/** Why the monitor decided as it did, step by step. */
export function DecisionPage({ id }: { readonly id: string }): JSX.Element {
  const value = useSignal<ExplainedDecision | undefined>(undefined);
  const failure = useSignal<ApiFailure | undefined>(undefined);
  const reload = useCallback(() => {
    request<ExplainedDecision>('policy/explain', { method: 'POST', body: { decision: id } }).then(
      (answer) => {
        value.value = answer;
        failure.value = undefined;
      },
      (error: unknown) => {
        failure.value =
          error instanceof ApiFailure ? error : new ApiFailure({ code: 'UNEXPECTED', message: String(error) });
      },
    );
  }, [id]);
  useEffect(reload, [reload]);
  const known = value.value;
  return (
    <Page
      title={known ? `Decision on ${known.decision.tool}` : 'Decision'}
      above={<a href={linkTo('policy')}>Policy</a>}
    >
      <Loaded of={{ value, failure, reload }}>
        {({ decision, steps, remedy }) => (
          <>
            <Card title="Step by step">
              <ol class="steps">
                {steps.map(({ title, text }) => (
                  <li key={title}>
                    <h3>{title}</h3>
                    <p class="wrap">{text}</p>
                  </li>
                ))}
              </ol>
              {remedy !== undefined && <Problem tone="note" title="For another outcome" remedy={remedy} />}
            </Card>
            <Card title="All that was known">
              <DecisionView of={decision} />
            </Card>
          </>
        )}
      </Loaded>
    </Page>
  );
}
