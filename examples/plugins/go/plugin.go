// The smallest plugin worth having: one tool and one setting.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

const pluginName = "hello"

const pluginMetadata = `{
  "name": "hello", "version": "0.1.0", "abi_version": 1,
  "plain_text_keys": ["greeting"], "optional_keys": ["greeting"]
}`

const pluginTools = `[{
  "name": "greet",
  "description": "Greets somebody.",
  "input_schema": {
    "type": "object",
    "properties": { "who": { "type": "string", "description": "Whom to greet." } },
    "required": ["who"]
  },
  "annotations": { "readOnlyHint": true, "idempotentHint": true }
}]`

var greeting = "Hello"

// Settings come before the first call, and again whenever they change: always all of them.
func onConfigure(settings map[string]string) error {
	given := settings["greeting"]
	if utf8.RuneCountInString(given) > 40 {
		return errors.New(`the setting "greeting" has more than 40 characters`)
	}
	greeting = "Hello"
	if given != "" {
		greeting = given
	}
	return nil
}

// The answer of a tool, or what whoever called it should do otherwise.
func onExecute(tool string, args json.RawMessage) (string, error) {
	switch tool {
	case "greet":
		return greet(args)
	default:
		return "", fmt.Errorf("there is no tool %q", tool)
	}
}

func greet(args json.RawMessage) (string, error) {
	var given struct{ Who string }
	if err := json.Unmarshal(args, &given); err != nil || given.Who == "" {
		return "", errors.New(`greet: the argument "who" is required`)
	}
	log("greeting somebody")
	return greeting + ", " + given.Who + "!", nil
}
