import type { JSX } from 'preact';
import { THEMES, theme } from '../theme.ts';

const WORDS = { system: 'Auto', light: 'Light', dark: 'Dark' } as const;

/** Light, dark, or as the machine has it. */
export function ThemeSwitch(): JSX.Element {
  return (
    <fieldset>
      <legend class="visually-hidden">Colours</legend>
      <div class="segments">
        {THEMES.map((name) => (
          <label key={name}>
            <input
              type="radio"
              name="theme"
              value={name}
              checked={theme.value === name}
              onChange={() => {
                theme.value = name;
              }}
            />
            {WORDS[name]}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
