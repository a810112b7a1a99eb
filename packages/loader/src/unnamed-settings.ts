import type { PluginMetadata } from '@lockgate/abi';

/** The names that a plugin gives to the settings it takes; none where it names none at all. */
export function settingNames(metadata: PluginMetadata): readonly string[] {
  const { credentialKeys, plainTextKeys, optionalKeys, placeholders } = metadata;
  return [...new Set([...credentialKeys, ...plainTextKeys, ...optionalKeys, ...Object.keys(placeholders)])];
}

/** Settings that a plugin which names its settings does not name. Most likely they are misspelt, and it never reads them. */
export function unnamedSettings(
  settings: Readonly<Record<string, string>>,
  names: readonly string[],
): readonly string[] {
  return names.length === 0 ? [] : Object.keys(settings).filter((key) => !names.includes(key));
}
