/**
 * What every script finds in its sandbox, as the source of a function: `api`, `console` and `sleep`, made from five functions of the host that take and
 * give texts and numbers. It runs in the sandbox before the script; whatever the script does to it, the script does to itself.
 */
export const PRELUDE = `((ask, log, now, wake, settle) => {
  'use strict';
  const { stringify, parse } = JSON;
  const { Promise } = globalThis;
  const waiting = new Map();
  let sleepers = [];
  let asked = 0;

  class ToolError extends Error {
    constructor({ message, code }) {
      super(message);
      this.name = 'ToolError';
      if (code !== undefined) this.code = code;
    }
  }

  const send = (what, name, json) =>
    new Promise((resolve, reject) => {
      const id = asked++;
      const refused = ask(id, what, name, json);
      if (refused === undefined) waiting.set(id, { resolve, reject });
      else reject(new ToolError(parse(refused)));
    });

  const argumentsOf = (args) => {
    const json = stringify(args === undefined ? {} : args);
    if (typeof json !== 'string' || json[0] !== '{') throw new TypeError('The arguments of a tool are an object.');
    return json;
  };

  const nameOf = (tool) => {
    if (typeof tool !== 'string') throw new TypeError('The name of a tool is a string.');
    return tool;
  };

  const valueOf = (result) => {
    const content = Array.isArray(result.content) ? result.content : [];
    const texts = content.filter((block) => block.type === 'text').map((block) => block.text);
    if (result.isError === true) {
      const code = result._meta && result._meta['dev.lockgate/error'];
      throw new ToolError({ message: texts.join('\\n') || 'The tool failed and said nothing.', code });
    }
    if (result.structuredContent !== undefined) return result.structuredContent;
    if (content.length !== 1 || texts.length !== 1) return content;
    if (!/^\\s*[{[]/.test(texts[0])) return texts[0];
    try {
      return parse(texts[0]);
    } catch {
      return texts[0];
    }
  };

  const call = async (tool, args) => {
    const result = await send('call', nameOf(tool), argumentsOf(args));
    const withheld = result._meta && result._meta['lockgate/withheld'];
    // The note that says so stands beside what the script is given.
    if (withheld) log('[Filtered] ' + withheld + ' parts of an answer of ' + tool + ' were withheld by the policy of the gateway.');
    return valueOf(result);
  };

  const api = Object.freeze({
    call,
    tryCall: async (tool, args) => {
      try {
        return { ok: true, data: await call(tool, args) };
      } catch (error) {
        return { ok: false, error: { message: String(error.message), code: error.code } };
      }
    },
    search: async (query) => valueOf(await send('search', '', argumentsOf(typeof query === 'string' ? { query } : query))),
    types: async (tool) => send('types', nameOf(tool), '{}'),
  });

  const shown = (value) => {
    if (typeof value === 'string') return value;
    if (value instanceof Error) return value.name + ': ' + value.message;
    const json = typeof value === 'object' && value !== null ? stringify(value) : undefined;
    return json === undefined ? String(value) : json;
  };

  const write = (...values) => {
    let line;
    try {
      line = values.map(shown).join(' ');
    } catch (error) {
      line = '(cannot be shown)';
    }
    log(line);
  };
  const console = Object.freeze({ log: write, info: write, warn: write, error: write, debug: write });

  const arm = () => {
    if (sleepers.length > 0) wake(sleepers.reduce((first, { at }) => (at < first ? at : first), Infinity) - now());
  };

  const sleep = (ms = 0) =>
    new Promise((resolve) => {
      const delay = Number(ms);
      sleepers.push({ at: now() + (delay > 0 ? delay : 0), resolve });
      arm();
    });

  const told = (error) => {
    try {
      const at = /script\\.js:(\\d+)/.exec(error ? String(error.stack) : '');
      const what = error instanceof Error ? error.name + ': ' + error.message : 'threw ' + shown(error);
      return what + (at ? ' (line ' + at[1] + ')' : '');
    } catch {
      return 'threw something that cannot be shown';
    }
  };

  for (const [name, value] of Object.entries({ api, console, sleep })) {
    Object.defineProperty(globalThis, name, { value, enumerable: true });
  }

  return {
    /** Runs what the script has become. */
    run: async (main) => {
      try {
        const value = await main();
        if (value === undefined) settle('nothing', '');
        else if (typeof value === 'string') settle('value', value);
        else {
          const json = stringify(value);
          if (json === undefined) throw new TypeError('What a script returns must be JSON, and a ' + typeof value + ' is none.');
          settle('value', json);
        }
      } catch (error) {
        settle('threw', told(error));
      }
    },
    /** Whether there is room for so many bytes: out of memory here is an error, and in the host's own allocation a broken sandbox. */
    reserve: (bytes) => {
      try {
        return new ArrayBuffer(bytes).byteLength === bytes;
      } catch {
        return false;
      }
    },
    answered: (id, ok, json) => {
      const { resolve, reject } = waiting.get(id);
      waiting.delete(id);
      if (!ok) return reject(new ToolError(parse(json)));
      try {
        resolve(parse(json));
      } catch (error) {
        reject(error);
      }
    },
    woken: () => {
      const time = now();
      const due = sleepers.filter(({ at }) => at <= time);
      sleepers = sleepers.filter(({ at }) => at > time);
      for (const { resolve } of due) resolve();
      arm();
    },
  };
})`;
